import { defineConfig } from 'vitest/config';

/**
 * Three layers, from fast to real. `unit` needs nothing but Node. `api` starts one real etcd, kube-apiserver and
 * controller-manager for all its files. `e2e` starts whole clusters.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['controller/**/*.test.ts', 'test/**/*.test.ts', 'e2e/**/*.test.ts'],
          exclude: ['**/*.api.test.ts', '**/*.e2e.test.ts', '**/node_modules/**'],
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'api',
          include: ['{controller,test,e2e}/**/*.api.test.ts'],
          globalSetup: ['test/setup/build.ts', 'test/setup/api-cluster.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['{test,e2e}/**/*.e2e.test.ts'],
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

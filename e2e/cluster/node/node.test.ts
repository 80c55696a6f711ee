import { expect, test } from 'vitest';
import type { ClusterContext } from '../context.ts';
import { folders } from '../folders.ts';
import { layoutOf } from '../layout.ts';
import { runtimeConfiguration } from './container-runtime.ts';
import { kubeProxyConfiguration } from './kube-proxy.ts';
import { kubeletConfiguration } from './kubelet.ts';
import { isContainerOf } from './leftovers.ts';
import { cniConfiguration, mountsBelow } from './network.ts';

const context: ClusterContext = {
  name: 'one',
  profile: 'node',
  dir: '/state/clusters/one',
  layout: layoutOf(7),
  folders: folders({}, '/home/dev'),
  onProgress: () => undefined,
};

test('everything that containerd writes is inside the folder of the cluster', () => {
  const paths = [...runtimeConfiguration(context.dir).matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path);
  const outside = paths.filter((path) => !path?.startsWith('/state/clusters/one/'));
  expect(outside).toEqual(['/usr/lib/cni', '/usr/sbin/runc']);
});

test('everything that kubelet writes is inside the folder of the cluster', () => {
  const text = JSON.stringify(kubeletConfiguration(context));
  const paths = [...text.matchAll(/"(?:unix:\/\/)?(\/[^"]*)"/g)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(4);
  expect(paths.filter((path) => !path?.startsWith('/state/clusters/one/'))).toEqual([]);
});

test('the addresses of the node, its pods and its proxy agree', () => {
  expect(kubeletConfiguration(context)).toMatchObject({ address: '10.113.7.2', healthzBindAddress: '10.113.7.2' });
  expect(kubeProxyConfiguration(context)).toMatchObject({ mode: 'nftables', clusterCIDR: '10.112.7.0/24' });
  expect(JSON.stringify(cniConfiguration('one', context.layout.podCidr, '/x'))).toContain('"subnet":"10.112.7.0/24"');
});

test('mounts below a folder come deepest first, and only those of the folder', () => {
  const mounts = [
    '20 1 0:4 / /proc rw - proc proc rw',
    '30 1 0:9 net:[4026532] /state/clusters/one/netns rw - nsfs nsfs rw',
    '31 1 0:5 / /state/clusters/one/kubelet rw shared:1 - ext4 /dev/sda rw',
    '32 31 0:6 / /state/clusters/one/kubelet/pods/a\\040b rw - tmpfs tmpfs rw',
    '33 1 0:7 / /state/clusters/one-more/netns rw - nsfs nsfs rw',
    '',
  ].join('\n');
  expect(mountsBelow('/state/clusters/one', mounts)).toEqual([
    '/state/clusters/one/kubelet/pods/a b',
    '/state/clusters/one/kubelet',
    '/state/clusters/one/netns',
  ]);
});

test('a process is in a container of the cluster if its root file system is stored there', () => {
  const mounts = (upper: string): string =>
    `10 9 0:61 / / rw - overlay overlay rw,lowerdir=/l,upperdir=${upper}/fs,workdir=/w\n11 10 0:4 / /proc rw - proc proc rw`;
  expect(isContainerOf('/state/clusters/one', mounts('/state/clusters/one/containerd/root/snapshots/4'))).toBe(true);
  expect(isContainerOf('/state/clusters/one', mounts('/state/clusters/one-more/containerd/root/snapshots/4'))).toBe(
    false,
  );
  const host =
    '10 9 0:61 / / rw - ext4 /dev/sda rw\n12 10 0:5 / /x rw - overlay overlay rw,upperdir=/state/clusters/one/containerd/x';
  expect(isContainerOf('/state/clusters/one', host)).toBe(false);
  expect(isContainerOf('/state/clusters/one', '')).toBe(false);
});

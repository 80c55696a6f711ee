import { execFile } from 'node:child_process';
import { inject } from 'vitest';

export interface PluginResult {
  code: number;
  out: string;
  err: string;
}

export interface PluginRun {
  result: Promise<PluginResult>;
  /** As Ctrl-C does. */
  interrupt(): void;
  /** Resolves as soon as standard error holds the text. */
  said(text: string): Promise<void>;
}

/** Starts the plugin that ships, as a user would, on the run's API server. */
export function startPlugin(args: readonly string[], input = ''): PluginRun {
  const command = ['dist/kubectl-slipway.js', ...args, '--kubeconfig', inject('kubeconfig')];
  let child: ReturnType<typeof execFile> | undefined;
  const result = new Promise<PluginResult>((resolve) => {
    child = execFile(process.execPath, command, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
  child?.stdin?.end(input);
  let heard = '';
  child?.stderr?.on('data', (chunk: string) => {
    heard += chunk;
  });
  return {
    result,
    interrupt: () => void child?.kill('SIGINT'),
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (heard.includes(text)) resolve();
        };
        child?.stderr?.on('data', check);
        void result.then(() => reject(new Error(`ended without saying "${text}": ${heard}`)));
        check();
      }),
  };
}

/** The plugin in one namespace. */
export function plugin(namespace: string): (...args: string[]) => Promise<PluginResult> {
  return (...args) => startPlugin([...args, '-n', namespace]).result;
}

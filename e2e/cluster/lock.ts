import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';

/** Whom a waiting process waits for. */
export interface LockHolder {
  readonly pid: number;
}

/**
 * Runs `work` while this process alone holds the lock `key` on this machine.
 *
 * The lock is a listening abstract Unix socket: the kernel frees it when its holder dies, however it dies, so no lock
 * ever goes stale and nothing is left on disk. Those who wait hold a connection and try again when it closes.
 */
export async function withLock<T>(
  key: string,
  work: () => Promise<T>,
  onWait?: (holder: LockHolder) => void,
): Promise<T> {
  const name = `\0slipway-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  let told = false;
  for (;;) {
    const server = await tryListen(name);
    if (server !== undefined) {
      try {
        return await work();
      } finally {
        server.release();
      }
    }
    await untilReleased(name, (holder) => {
      if (!told) onWait?.(holder);
      told = true;
    });
  }
}

interface HeldLock {
  release(): void;
}

function tryListen(name: string): Promise<HeldLock | undefined> {
  const waiting = new Set<{ destroy(): unknown }>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => waiting.delete(socket));
    socket.write(`${process.pid}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      server.unref();
      resolve({
        release: () => {
          server.close();
          for (const socket of waiting) socket.destroy();
        },
      });
    });
  });
}

/** Resolves when the holder is gone, or was gone before we could ask. */
function untilReleased(name: string, onHolder: (holder: LockHolder) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(name);
    socket.on('data', (data) => onHolder({ pid: Number.parseInt(data.toString(), 10) }));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

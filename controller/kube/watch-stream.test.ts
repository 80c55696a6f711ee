import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/manual-clock.ts';
import { type RawWatchEvent, watchEvents } from './watch-stream.ts';

const subject = { verb: 'watch', resource: 'pods', key: '' };
const read = async (chunks: Uint8Array[]): Promise<RawWatchEvent[]> => {
  const body = Readable.from(chunks);
  const { signal } = new AbortController();
  const events: RawWatchEvent[] = [];
  const options = { body, subject, clock: new ManualClock(), inactivityMs: 1000, onActivity: () => {}, signal };
  for await (const event of watchEvents(options)) events.push(event);
  return events;
};

describe('a watch stream', () => {
  it('gives the same events however the network cuts it, also in the middle of a character', async () => {
    const lines = [
      { type: 'ADDED', object: { metadata: { name: 'größe-日本-😀' } } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } },
      { type: 'DELETED', object: { metadata: { name: 'x' } } },
    ];
    const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const whole = await read([bytes]);
    expect(whole.map((event) => event.type)).toEqual(['set', 'bookmark', 'delete']);
    expect(whole[0]).toMatchObject({ object: { metadata: { name: 'größe-日本-😀' } } });
    for (const size of [1, 2, 3, 7, 50]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      expect(await read(chunks)).toEqual(whole);
    }
  });

  it('never delivers a line that was cut off', async () => {
    const cut = new TextEncoder().encode(
      '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"ADDED","object":{}}',
    );
    expect(await read([cut])).toHaveLength(1);
  });

  it('says in the words of the server why an ERROR event ends it', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 5 (90)' };
    const line = new TextEncoder().encode(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    await expect(read([line])).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });
});

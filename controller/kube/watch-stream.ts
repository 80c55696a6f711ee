import type { Readable } from 'node:stream';
import type { Clock } from '../platform/clock.ts';
import { errorFromAnswer, errorFromTransport, isKubeError, KubeError, type RequestSubject } from './errors.ts';

/** One line of a watch. `bookmark` carries only a resource version, `initialEnd` marks the end of a streamed list. */
export type RawWatchEvent =
  | { type: 'set' | 'delete'; object: unknown }
  | { type: 'bookmark'; resourceVersion: string; initialEnd: boolean };

export interface WatchStreamOptions {
  body: Readable;
  subject: RequestSubject;
  clock: Clock;
  /** A watch that sends no byte for this long is taken for dead (half-open TCP looks just like a quiet kind). */
  inactivityMs: number;
  onActivity: () => void;
  signal: AbortSignal;
}

/**
 * Parses the lines of a watch until the server ends it. Throws KubeError for a reset, for silence (reason `Silent`), for
 * a broken line and for an ERROR event, which carries the status that the request would have had. A line that was cut
 * off is never delivered.
 */
export async function* watchEvents(options: WatchStreamOptions): AsyncGenerator<RawWatchEvent> {
  const { body, subject, clock, inactivityMs, onActivity, signal } = options;
  let silent = false;
  const arm = (): (() => void) =>
    clock.after(inactivityMs, () => {
      silent = true;
      body.destroy();
    });
  let disarm = arm();
  const abort = (): void => void body.destroy();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    for await (const chunk of linesOf(body)) {
      disarm();
      disarm = arm();
      onActivity();
      for (const line of chunk) if (line !== '') yield parseLine(line, subject);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isKubeError(error)) throw error;
    if (silent) throw silence(subject, inactivityMs);
    throw errorFromTransport(subject, error);
  } finally {
    disarm();
    signal.removeEventListener('abort', abort);
    // Without a listener the error of destroying an unfinished body would end the process.
    body.on('error', () => {});
    body.destroy();
  }
}

/** Complete lines per chunk, so that the watchdog sees also chunks that complete no line. */
async function* linesOf(body: Readable): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    if (parts.length > 0) {
      parts[0] = `${rest.join('')}${parts[0]}`;
      rest = [last];
    } else {
      rest.push(last);
    }
    yield parts;
  }
}

function parseLine(line: string, subject: RequestSubject): RawWatchEvent {
  const event = JSON.parse(line) as { type?: unknown; object?: unknown };
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'set', object: event.object };
    case 'DELETED':
      return { type: 'delete', object: event.object };
    case 'BOOKMARK': {
      const { metadata } = event.object as {
        metadata?: { resourceVersion?: string; annotations?: Record<string, string> };
      };
      return {
        type: 'bookmark',
        resourceVersion: metadata?.resourceVersion ?? '',
        initialEnd: metadata?.annotations?.['k8s.io/initial-events-end'] === 'true',
      };
    }
    case 'ERROR': {
      const code = (event.object as { code?: unknown } | undefined)?.code;
      throw errorFromAnswer(subject, typeof code === 'number' ? code : 500, event.object);
    }
    default:
      throw new SyntaxError(`unknown watch event ${JSON.stringify(event.type)}`);
  }
}

function silence(subject: RequestSubject, ms: number): KubeError {
  const message = `${subject.verb} ${subject.resource}: no bytes for ${ms} ms`;
  return new KubeError('KubeTimeout', message, { status: 0, reason: 'Silent', retryable: true });
}

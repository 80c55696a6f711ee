import type { IncomingMessage, ServerResponse } from 'node:http';
import { statusBody } from './faults.ts';
import type { FakeState, StoredEvent } from './state.ts';

/** One open watch, with the ways in which the network and the server can spoil it. */
export class WatchConnection {
  readonly plural: string;
  readonly query: URLSearchParams;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #muted = false;
  #unsubscribe = (): void => {};

  constructor(plural: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    this.plural = plural;
    this.query = query;
    this.#request = request;
    this.#response = response;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  }

  /** Sends what the query asks for and then what happens. */
  start(state: FakeState, namespace: string): void {
    const wanted = (event: StoredEvent): boolean =>
      event.plural === this.plural && (namespace === '' || event.object.metadata.namespace === namespace);
    if (this.query.get('sendInitialEvents') === 'true') {
      for (const object of state.list(this.plural, namespace)) this.send('ADDED', object);
      this.bookmark(state.version, { 'k8s.io/initial-events-end': 'true' });
    } else {
      for (const event of state.eventsAfter(Number(this.query.get('resourceVersion'))).filter(wanted)) {
        this.send(event.type, event.object);
      }
    }
    this.#unsubscribe = state.subscribe((event) => {
      if (wanted(event)) this.send(event.type, event.object);
    });
    this.#response.on('close', () => this.#unsubscribe());
  }

  send(type: string, object: unknown): void {
    this.raw(`${JSON.stringify({ type, object })}\n`);
  }

  bookmark(version: number, annotations?: Record<string, string>): void {
    this.send('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: String(version), annotations } });
  }

  /** An ERROR event, after which the real server ends the stream. */
  error(code: number, message: string): void {
    this.send('ERROR', statusBody(code, message));
    this.end();
  }

  raw(text: string): void {
    if (!this.#muted) this.#response.write(text);
  }

  /** From now on nothing arrives, but the connection stays: a half-open socket. */
  mute(): void {
    this.#muted = true;
  }

  /** Part of a line, then a TCP reset; only the reset where the stream has ended already. */
  resetMidLine(object: unknown): void {
    if (this.#response.writableEnded) {
      this.reset();
      return;
    }
    const line = JSON.stringify({ type: 'ADDED', object });
    this.#response.write(line.slice(0, line.length / 2), () => this.#request.socket.resetAndDestroy());
    this.mute();
  }

  reset(): void {
    this.#request.socket.resetAndDestroy();
  }

  /** As after timeoutSeconds. */
  end(): void {
    this.#response.end();
    this.mute();
  }
}

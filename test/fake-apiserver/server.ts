import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import { commit, type Fault, type FaultRule, matches, statusBody } from './faults.ts';
import { FakeState, type NewObject } from './state.ts';
import { WatchConnection } from './watch-connection.ts';

export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
}

type Route = (request: SeenRequest) => { status: number; body: unknown };

/**
 * A Kubernetes API server that can misbehave. It knows no schemas: it stores what it gets and speaks list, watch and
 * CRUD well enough for a client to be tested against its faults. What the real one answers is for the API tests.
 */
export class FakeApiServer {
  readonly state = new FakeState();
  readonly requests: SeenRequest[] = [];
  /** Watches that are open now, oldest first. */
  readonly watches: WatchConnection[] = [];
  /** When set, any other bearer token is answered by 401. */
  token: string | undefined;
  /** Without it, streamed lists are refused: `status` by HTTP 422, `event` by an ERROR event in a 200. */
  streamedLists: 'yes' | 'status' | 'event' = 'yes';
  /** How an expired resource version of a watch is reported. */
  goneAs: 'status' | 'event' = 'status';
  /** Continue tokens of lists count as expired while true. */
  expireContinue = false;
  /** TCP connections accepted so far. */
  connections = 0;
  readonly #faults: { rule: FaultRule; fault: Fault; left: number }[] = [];
  readonly #routes = new Map<string, Route>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  static async start(): Promise<FakeApiServer> {
    const server = new FakeApiServer();
    await server.listen(0);
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  /** Drops all connections and stops listening; {@link listen} brings it back. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** An identity without TLS; its token can change between two reads. */
  identity(token: () => string = () => 'token'): ClusterIdentity {
    return {
      server: this.url,
      namespace: 'default',
      proxyUrl: undefined,
      credentials: async () => ({ tls: {}, headers: { authorization: `Bearer ${token()}` } }),
    };
  }

  inject(rule: FaultRule, fault: Fault): void {
    this.#faults.push({ rule, fault, left: rule.times ?? 1 });
  }

  /** Ends all injected faults. */
  heal(): void {
    this.#faults.length = 0;
  }

  /** Answers a path by hand, for example a discovery document. */
  route(path: string, route: Route): void {
    this.#routes.set(path, route);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(seen);
    const fault = this.#faults.find(({ rule, left }) => left > 0 && matches(rule, request, url));
    if (fault !== undefined) {
      fault.left -= 1;
      return commit(fault.fault, request, response);
    }
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return answer(response, 401, statusBody(401, 'Unauthorized'));
    }
    const route = this.#routes.get(url.pathname);
    if (route !== undefined) {
      const { status, body } = route(seen);
      return answer(response, status, body);
    }
    const target = parsePath(url.pathname);
    if (target === undefined)
      return answer(response, 404, statusBody(404, 'the server could not find the requested resource'));
    if (seen.query.has('watch')) return this.#watch(target, seen, request, response);
    const { status, body } =
      target.name === '' && seen.method === 'GET' ? this.#list(target, seen) : this.#object(target, seen);
    answer(response, status, body);
  }

  #watch(target: Target, seen: SeenRequest, request: IncomingMessage, response: ServerResponse): void {
    const streamed = seen.query.get('sendInitialEvents') === 'true';
    const expired = !streamed && Number(seen.query.get('resourceVersion')) < this.state.compactedAt;
    if (streamed && this.streamedLists === 'status') {
      answer(response, 422, statusBody(422, 'sendInitialEvents is forbidden for watch'));
    } else if (expired && this.goneAs === 'status') {
      answer(response, 410, statusBody(410, 'too old resource version'));
    } else {
      const watch = new WatchConnection(target.plural, seen.query, request, response);
      if (expired) {
        watch.error(410, 'too old resource version');
      } else if (streamed && this.streamedLists === 'event') {
        watch.error(500, 'RequestWatchProgress is disabled');
      } else {
        this.watches.push(watch);
        response.on('close', () => this.watches.splice(this.watches.indexOf(watch), 1));
        watch.start(this.state, target.namespace);
      }
    }
  }

  #list(target: Target, { query }: SeenRequest): Answer {
    const token = query.get('continue');
    if (token !== null && this.expireContinue)
      return { status: 410, body: statusBody(410, 'the continue token expired') };
    const all = this.state.list(target.plural, target.namespace);
    const from = Number(token ?? 0);
    const limit = Number(query.get('limit') ?? all.length);
    const page = all.slice(from, from + limit);
    const next = from + limit < all.length ? String(from + limit) : undefined;
    // As the real one: items of a list have neither apiVersion nor kind.
    const items = page.map(({ apiVersion: _, kind: __, ...rest }) => rest);
    return {
      status: 200,
      body: { kind: 'List', metadata: { resourceVersion: String(this.state.version), continue: next }, items },
    };
  }

  #object({ plural, namespace, name }: Target, { method, body }: SeenRequest): Answer {
    const sent = body as KubeObject;
    const id = method === 'POST' ? sent.metadata.name : name;
    const old = this.state.get(plural, namespace, id);
    if (method === 'POST' && old !== undefined)
      return { status: 409, body: statusBody(409, `${plural} "${id}" already exists`, 'AlreadyExists') };
    if (method !== 'POST' && old === undefined)
      return { status: 404, body: statusBody(404, `${plural} "${id}" not found`) };
    if (method === 'GET') return { status: 200, body: old };
    if (method === 'DELETE') {
      this.state.remove(plural, namespace, id);
      return { status: 200, body: { kind: 'Status', status: 'Success' } };
    }
    const version = sent.metadata?.resourceVersion;
    if (method === 'PUT' && version !== undefined && version !== old?.metadata.resourceVersion) {
      return { status: 409, body: statusBody(409, 'the object has been modified') };
    }
    const { metadata, ...fields } = method === 'PATCH' ? { ...old, ...sent } : sent;
    const stored: NewObject = { ...fields, name: id };
    if (namespace !== '') stored.namespace = namespace;
    const labels = metadata?.labels ?? old?.metadata.labels;
    if (labels !== undefined) stored.labels = labels;
    return { status: method === 'POST' ? 201 : 200, body: this.state.put(plural, stored) };
  }
}

interface Answer {
  status: number;
  body: unknown;
}

interface Target {
  plural: string;
  namespace: string;
  name: string;
}

function parsePath(path: string): Target | undefined {
  const match = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (match === null) return undefined;
  const [, namespace = '', plural = '', name = ''] = match.map((part) =>
    part === undefined ? undefined : decodeURIComponent(part),
  );
  return { plural, namespace, name };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the server does in place of a proper answer. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
  /** Takes the request and says nothing. */
  | { kind: 'hang' }
  /** Closes the socket with RST before any answer. */
  | { kind: 'reset' }
  /** Answers 200 with this text and ends. */
  | { kind: 'text'; text: string };

/** Which requests a fault meets. */
export interface FaultRule {
  method?: string;
  /** Part of the path. */
  path?: string;
  /** Only watches, or only others. */
  watch?: boolean;
  /** How often; default once. */
  times?: number;
}

export function matches(rule: FaultRule, request: IncomingMessage, url: URL): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (rule.path !== undefined && !url.pathname.includes(rule.path)) return false;
  return rule.watch === undefined || rule.watch === url.searchParams.has('watch');
}

export function commit(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(JSON.stringify(fault.body ?? statusBody(fault.status, `injected ${fault.status}`)));
      return;
    case 'text':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(fault.text);
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      return;
  }
}

const REASONS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

export function statusBody(code: number, message: string, reason = REASONS[code] ?? ''): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, message, reason };
}

import type { KubeObject } from '../../kube/types.ts';
import { symbolOf, type Tone, toneOf } from './symbols.ts';

interface ContainerStatus {
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string }; terminated?: { reason?: string } };
}

/** A pod as one line: the reason that kubectl would show, ready containers and restarts. */
export function podLine(pod: KubeObject): { symbol: string; status: string; tone: Tone; info: string } {
  const state = (pod['status'] ?? {}) as { phase?: string; reason?: string; containerStatuses?: ContainerStatus[] };
  const containers = state.containerStatuses ?? [];
  const waiting = containers
    .map((c) => c.state?.waiting?.reason ?? c.state?.terminated?.reason)
    .find((reason) => reason !== undefined);
  const text =
    pod.metadata.deletionTimestamp !== undefined
      ? 'Terminating'
      : (waiting ?? state.reason ?? state.phase ?? 'Pending');
  const bad = /Err|BackOff|Error|Failed|Evicted/.test(text);
  const key = bad ? 'Failed' : text === 'Running' ? 'Running pod' : text;
  const total = containers.length || ((pod['spec'] as { containers?: unknown[] } | undefined)?.containers?.length ?? 0);
  const restarts = containers.reduce((sum, c) => sum + (c.restartCount ?? 0), 0);
  const ready = `ready:${containers.filter((c) => c.ready).length}/${total}`;
  return {
    symbol: symbolOf(key),
    status: text,
    tone: toneOf(key),
    info: restarts > 0 ? `${ready},restarts:${restarts}` : ready,
  };
}

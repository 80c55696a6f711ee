import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended, unknown } from './health.ts';
import { at, textAt } from './read.ts';

/** Argo Workflow: it succeeded. One that waits at a suspend step still runs; only `spec.suspend` holds it as a whole. */
export function argoWorkflowHealth(object: KubeObject): Finding {
  const phase = textAt(object, 'status', 'phase');
  const progress = textAt(object, 'status', 'progress');
  const count = progress === '' ? '' : ` (${progress.replace('/', ' of ')} steps done)`;
  const message = `${textAt(object, 'status', 'message') || `the phase is ${phase || 'not set yet'}`}${count}`;
  switch (phase) {
    case 'Succeeded':
      return healthy(message);
    case 'Failed':
    case 'Error':
      return degraded(message, 'failed');
    case '':
    case 'Pending':
    case 'Running':
      return at(object, 'spec', 'suspend') === true
        ? suspended(`spec.suspend is true${count}`, 'suspended')
        : progressing(message, 'running');
    default:
      return unknown(message, 'phase');
  }
}

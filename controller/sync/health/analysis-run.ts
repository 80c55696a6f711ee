import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing, unknown } from './health.ts';
import { textAt } from './read.ts';

/** AnalysisRun: its verdict. Inconclusive is neither good nor bad. */
export function analysisRunHealth(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase');
  const message = textAt(object, 'status', 'message') || `the analysis is ${phase.toLowerCase() || 'not started'}`;
  switch (phase) {
    case 'Successful':
      return healthy;
    case '':
    case 'Pending':
    case 'Running':
      return progressing(message);
    case 'Failed':
    case 'Error':
      return degraded(message);
    default:
      return unknown(message);
  }
}

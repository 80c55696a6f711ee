import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, unknown } from './health.ts';
import { behindSpec, conditionOf, listAt, textAt } from './read.ts';

/** AnalysisRun, ours and Argo's: its verdict. Inconclusive is neither good nor bad. */
export function analysisRunHealth(object: KubeObject): Finding {
  return verdictHealth(object, `${listAt(object, 'status', 'metricResults').length} metrics measured`);
}

/** Experiment: the verdict over its templates and analyses. One that cannot begin does not recover by waiting. */
export function experimentHealth(object: KubeObject): Finding {
  const invalid = conditionOf(object, 'InvalidSpec');
  const behind = behindSpec(object) !== undefined;
  if (!behind && invalid?.status === 'True') return degraded(invalid.message, 'invalid');
  const running = listAt(object, 'status', 'templateStatuses').filter((t) => textAt(t, 'status') === 'Running').length;
  const templates = listAt(object, 'spec', 'templates').length;
  return verdictHealth(object, `${running} of ${templates} templates run`);
}

function verdictHealth(object: KubeObject, count: string): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const phase = textAt(object, 'status', 'phase');
  const said = textAt(object, 'status', 'message');
  const message = said || `${phase === '' ? 'not started' : `the phase is ${phase}`}: ${count}`;
  switch (phase) {
    case 'Successful':
      return healthy(message);
    case '':
    case 'Pending':
    case 'Running':
      return progressing(message, 'running');
    case 'Failed':
    case 'Error':
      return degraded(message, 'failed');
    default:
      return unknown(message, 'inconclusive');
  }
}

import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { at, behindSpec, conditionOf, explain, numberAt, textAt } from './read.ts';

/** States of a Serve application that do not pass by themselves. */
const BROKEN: ReadonlySet<string> = new Set(['UNHEALTHY', 'DEPLOY_FAILED']);

/**
 * RayService: all Serve applications of the active cluster run, and no upgrade is under way. Before KubeRay 1.3 there are no
 * conditions, and `serviceStatus: Running` says that it is ready.
 */
export function rayServiceHealth(object: KubeObject): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  if (at(object, 'status') === undefined) return progressing('its controller has not looked at it yet', 'no-status');
  const active = applicationsOf(object, 'activeServiceStatus');
  const broken = active.find(({ status }) => BROKEN.has(status));
  if (broken !== undefined) return degraded(describe(broken), 'application');
  const ready = conditionOf(object, 'Ready');
  if (ready?.reason === 'InitializingTimeout') return degraded(explain(ready), 'timeout');

  // What is being built must not be called well before it serves, nor broken while the old one still does.
  const upgrade = conditionOf(object, 'UpgradeInProgress');
  const pending = textAt(object, 'status', 'pendingServiceStatus', 'rayClusterName');
  if (upgrade?.status === 'True' || pending !== '') {
    const stuck = applicationsOf(object, 'pendingServiceStatus').find(({ status }) => BROKEN.has(status));
    const why = stuck === undefined ? '' : `: ${describe(stuck)}`;
    return progressing(`cluster ${pending || 'of the upgrade'} is not serving yet${why}`, 'upgrade');
  }
  const running = active.filter(({ status }) => status === 'RUNNING').length;
  const count = `${running} of ${active.length} applications run`;
  const served =
    ready === undefined ? textAt(object, 'status', 'serviceStatus') === 'Running' : ready.status === 'True';
  if (!served) {
    const state = ready === undefined ? textAt(object, 'status', 'serviceStatus') || 'not started' : explain(ready);
    return progressing(`${state} (${count})`, 'ready');
  }
  if (running < active.length) return progressing(count, 'applications');
  return healthy(`${count}, ${numberAt(object, ['status', 'numServeEndpoints'], 0)} serve endpoints`);
}

interface App {
  name: string;
  status: string;
  message: string;
}

function applicationsOf(object: KubeObject, which: string): readonly App[] {
  const statuses = at(object, 'status', which, 'applicationStatuses');
  if (typeof statuses !== 'object' || statuses === null) return [];
  return Object.entries(statuses).map(([name, app]) => ({
    name,
    status: textAt(app, 'status'),
    message: textAt(app, 'message'),
  }));
}

function describe({ name, status, message }: App): string {
  return `application ${name} is ${status}${message === '' ? '' : `: ${message}`}`;
}

import { timestamp } from '../../api/conditions.ts';
import type {
  ExperimentSpecTemplate as Template,
  ExperimentStatusTemplateStatus as TemplateStatus,
} from '../../api/generated/experiment.ts';
import { compact } from '../plain.ts';
import { hashOf, wantedPods } from '../replica-sets.ts';
import type { ReplicaSet, Service } from '../snapshot.ts';

/** What the next status of one template is told from. */
export interface TemplateInput {
  template: Template;
  before: TemplateStatus | undefined;
  replicaSet: ReplicaSet | undefined;
  service: Service | undefined;
  /** Pods that it should have now; undefined: it goes. */
  wanted: number | undefined;
  /** The Experiment ends, or its time is over and nothing keeps it. */
  ends: boolean;
  /** Why the API server will not have its ReplicaSet or its Service. */
  refused: string | undefined;
  deadlineMs: number;
  now: number;
}

/** True for a status that stays. */
export function isSettled(status: TemplateStatus['status']): boolean {
  return status === 'Successful' || status === 'Failed' || status === 'Error';
}

/** The next status of one template: its pods, and what that means. */
export function templateStatus(input: TemplateInput): TemplateStatus {
  const { template, before, replicaSet, service, now } = input;
  const pods = replicaSet?.status?.replicas ?? 0;
  const counted: TemplateStatus = {
    name: template.name,
    replicas: pods,
    updatedReplicas: pods,
    readyReplicas: replicaSet?.status?.readyReplicas ?? 0,
    availableReplicas: replicaSet?.status?.availableReplicas ?? 0,
  };
  const moved =
    before === undefined ||
    (['replicas', 'readyReplicas', 'availableReplicas'] as const).some((key) => (before[key] ?? 0) !== counted[key]) ||
    (replicaSet !== undefined && wantedPods(replicaSet) < (input.wanted ?? 0));
  const lastTransitionTime = moved ? timestamp(now) : before.lastTransitionTime;
  return compact<TemplateStatus>({
    ...counted,
    ...(isSettled(before?.status) ? pick(before) : verdict(input, counted, lastTransitionTime)),
    lastTransitionTime,
    serviceName: service?.metadata.name,
    podTemplateHash: (replicaSet && hashOf(replicaSet)) ?? before?.podTemplateHash,
  });
}

type Verdict = { [K in 'status' | 'message']: TemplateStatus[K] | undefined };

function verdict(input: TemplateInput, counted: TemplateStatus, since: string | undefined): Verdict {
  const { template, deadlineMs, now } = input;
  const is = (status: NonNullable<TemplateStatus['status']>, message?: string): Verdict => ({ status, message });
  if (input.refused !== undefined) return is('Error', input.refused);
  if (input.ends) return is('Successful');
  // Also its Service: nobody reaches the pods without it.
  const made = input.replicaSet !== undefined && (template.service === undefined || input.service !== undefined);
  if (counted.availableReplicas === input.wanted && made) return is('Running');
  if (now - Date.parse(since ?? '') > deadlineMs) {
    return is('Failed', `Template '${template.name}' exceeded its progressDeadlineSeconds (${deadlineMs / 1000})`);
  }
  return is('Progressing');
}

function pick(status: TemplateStatus | undefined): Verdict {
  return { status: status?.status, message: status?.message };
}

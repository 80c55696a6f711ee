import { canonicalJson } from '../../manifest/canonical.ts';
import { fieldOf, isFields, type Place } from './difference.ts';

/**
 * What the API server fills in where a manifest says nothing, by the name of the field. Source: SetDefaults_* of
 * k8s.io/kubernetes/pkg/apis. Needed only for a field that Git had and has no more, or has empty: back to its default, it does not go.
 */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  allocateLoadBalancerNodePorts: [true],
  allowVolumeExpansion: [false],
  apiGroup: ['rbac.authorization.k8s.io'],
  apiVersion: ['v1'],
  backoffLimit: [6],
  completionMode: ['NonIndexed'],
  completions: [1],
  concurrencyPolicy: ['Allow'],
  defaultMode: [420],
  divisor: ['0', 0],
  dnsPolicy: ['ClusterFirst'],
  enableServiceLinks: [true],
  expirationSeconds: [3600],
  externalTrafficPolicy: ['Cluster'],
  failedJobsHistoryLimit: [1],
  failurePolicy: ['Fail'],
  failureThreshold: [3],
  imagePullPolicy: ['Always', 'IfNotPresent'],
  internalTrafficPolicy: ['Cluster'],
  ipFamilyPolicy: ['SingleStack'],
  manualSelector: [false],
  matchPolicy: ['Equivalent'],
  maxSurge: ['25%', 0],
  maxUnavailable: ['25%', 1],
  minReplicas: [1],
  parallelism: [1],
  path: ['/'],
  periodSeconds: [10],
  persistentVolumeReclaimPolicy: ['Retain', 'Delete'],
  podManagementPolicy: ['OrderedReady'],
  podReplacementPolicy: ['TerminatingOrFailed'],
  preemptionPolicy: ['PreemptLowerPriority'],
  progressDeadlineSeconds: [600],
  protocol: ['TCP'],
  reclaimPolicy: ['Delete'],
  reinvocationPolicy: ['Never'],
  replicas: [1],
  restartPolicy: ['Always'],
  revisionHistoryLimit: [10],
  schedulerName: ['default-scheduler'],
  scheme: ['HTTP'],
  scope: ['*'],
  sessionAffinity: ['None'],
  successThreshold: [1],
  successfulJobsHistoryLimit: [3],
  suspend: [false],
  terminationGracePeriodSeconds: [30],
  terminationMessagePath: ['/dev/termination-log'],
  terminationMessagePolicy: ['File'],
  timeoutSeconds: [1, 10],
  type: ['ClusterIP', 'Opaque', 'RollingUpdate'],
  volumeBindingMode: ['Immediate'],
  volumeMode: ['Filesystem'],
  whenDeleted: ['Retain'],
  whenScaled: ['Retain'],
};

/** The same for names that mean something else in other places, by the name of what they are in. */
const DEFAULTS_IN: Readonly<Record<string, unknown>> = {
  'matchConstraints.namespaceSelector': {},
  'matchConstraints.objectSelector': {},
  'matchResources.namespaceSelector': {},
  'matchResources.objectSelector': {},
  'onPodConditions.status': 'True',
  'volumeClaimTemplates.kind': 'PersistentVolumeClaim',
  'volumeClaimTemplates.status': { phase: 'Pending' },
  'webhooks.namespaceSelector': {},
  'webhooks.objectSelector': {},
};

/** Whether a live value is what the API server would fill in again if Git no longer said it. */
export function isDefault(place: Place, value: unknown, builtIn: boolean): boolean {
  const { fields, merge } = place;
  if (merge?.default !== undefined) {
    if (!isFields(merge.default) || !isFields(value)) return canonicalJson(value) === canonicalJson(merge.default);
    return Object.entries(value).every(([name, member]) => isDefault(fieldOf(place, name), member, builtIn));
  }
  if (!builtIn) return false;
  const name = fields.at(-1) ?? '';
  const path = `${fields.at(-2)}.${name}`;
  if (Object.hasOwn(DEFAULTS_IN, path)) return canonicalJson(value) === canonicalJson(DEFAULTS_IN[path]);
  return Object.hasOwn(DEFAULTS, name) && (DEFAULTS[name]?.includes(value) ?? false);
}

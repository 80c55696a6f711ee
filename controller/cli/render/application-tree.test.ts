import { describe, expect, it } from 'vitest';
import { application, NOW, SETTLED } from '../../../test/applications.ts';
import type { ApplicationStatusResource } from '../../api/generated/application.ts';
import type { KubeObject } from '../../kube/types.ts';
import { objectTree } from '../object-tree.ts';
import { ownedKinds } from '../owned-kinds.ts';
import { applicationTree } from './application-tree.ts';
import { painter } from './table.ts';

const WEB: ApplicationStatusResource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'team',
  name: 'web',
  status: 'OutOfSync',
  health: { status: 'Progressing' },
};
const SETTINGS: ApplicationStatusResource = {
  version: 'v1',
  kind: 'ConfigMap',
  namespace: 'team',
  name: 'settings',
  status: 'Synced',
};

function owned(apiVersion: string, kind: string, name: string, owner: [string, string, string], more = {}): KubeObject {
  const [ownerVersion, ownerKind, ownerName] = owner;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: 'team',
      creationTimestamp: '2025-12-31T23:00:00Z',
      ownerReferences: [{ apiVersion: ownerVersion, kind: ownerKind, name: ownerName, uid: 'x', controller: true }],
    },
    ...more,
  };
}

const DEPLOYMENT: [string, string, string] = ['apps/v1', 'Deployment', 'web'];
const replicaSet = (name: string, replicas: number): KubeObject =>
  owned('apps/v1', 'ReplicaSet', name, DEPLOYMENT, { spec: { replicas }, status: { replicas, availableReplicas: 0 } });
const POD = owned('v1', 'Pod', 'web-new-1', ['apps/v1', 'ReplicaSet', 'web-new'], {
  spec: { containers: [{}] },
  status: { containerStatuses: [{ ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } }] },
});

function render(resources: ApplicationStatusResource[], live: KubeObject[]): string[] {
  const app = application({ status: { ...SETTLED, health: { status: 'Progressing' }, resources } });
  return applicationTree(app, objectTree(app, live), NOW, painter(false)).split('\n');
}

/** A line without its alignment. */
function columns(line: string): string {
  return line.replace(/(?<=[^\s│]) {2,}/g, ' | ');
}

describe('the tree of an application', () => {
  it('has below each object what it owns, and old ReplicaSets in one line', () => {
    const live = [replicaSet('web-old', 0), replicaSet('web-older', 0), replicaSet('web-new', 1), POD];
    expect(render([SETTINGS, WEB], live).map(columns)).toEqual([
      'OBJECT | HEALTH | AGE | INFO',
      'Application/app | ◌ Progressing',
      '├──ConfigMap/settings',
      '└──Deployment/web | ◌ Progressing | OutOfSync',
      '   ├──ReplicaSet/web-new | ◌ Progressing | 60m',
      '   │  └──Pod/web-new-1 | ✖ ImagePullBackOff | 60m | ready:0/1',
      '   └──2 ReplicaSets | • ScaledDown | no pods',
    ]);
  });

  it('does not take what lies in another namespace, or is owned by another kind of the same name, for its own', () => {
    const elsewhere = replicaSet('web-new', 1);
    elsewhere.metadata.namespace = 'other';
    const ofRollout = owned('apps/v1', 'ReplicaSet', 'web-x', ['slipway.dev/v1alpha1', 'Rollout', 'web']);
    expect(render([WEB], [elsewhere, ofRollout])).toHaveLength(3);
  });

  it('shows once what has two owners, what Git has as well, and what owns itself in a circle', () => {
    const circle = [
      owned('apps/v1', 'ReplicaSet', 'a', ['apps/v1', 'ReplicaSet', 'b']),
      owned('apps/v1', 'ReplicaSet', 'b', ['apps/v1', 'ReplicaSet', 'a']),
    ];
    const both = replicaSet('web-new', 1);
    both.metadata.ownerReferences?.unshift({ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', uid: 'y' });
    const inGit = owned('v1', 'ConfigMap', 'settings', DEPLOYMENT);
    const lines = render([SETTINGS, WEB], [both, inGit, ...circle]);
    expect(lines.filter((line) => line.includes('web-new'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('settings'))).toHaveLength(1);
  });
});

describe('the kinds that are listed for it', () => {
  it('are those that may occur below the given ones, at any depth, each once', () => {
    const kinds = ownedKinds([
      { group: 'apps', kind: 'Deployment' },
      { group: 'slipway.dev', kind: 'Rollout' },
      { group: '', kind: 'ConfigMap' },
    ]);
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['AnalysisRun', 'Job', 'Pod', 'ReplicaSet']);
    expect(ownedKinds([{ group: '', kind: 'ConfigMap' }])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { application, NOW, REVISION, SETTLED } from '../../../test/applications.ts';
import type { Application, ApplicationStatus } from '../../api/generated/application.ts';
import { applicationHeader } from './application.ts';
import { applicationList } from './application-list.ts';
import { historyTable } from './history-table.ts';
import { hookTable } from './hook-table.ts';
import { objectTable } from './object-table.ts';
import { painter } from './table.ts';
import { WIDTH } from './wrap.ts';

const plain = painter(false);

function given(status: ApplicationStatus, spec: object = {}): Application {
  const built = application({ status: { ...SETTLED, ...status } });
  built.metadata.creationTimestamp = '2025-12-30T00:00:00Z';
  return { ...built, spec: { ...built.spec, suspend: false, ...spec } };
}

const RUBBISH = { ...application(), spec: 'rubbish', status: {} } as unknown as Application;
const WIDEST = { automated: { prune: true, selfHeal: true, enabled: true, allowEmpty: false } };

describe('the header of an application', () => {
  it('says what is synced, how it stands and how it is automated', () => {
    const text = applicationHeader(given({ health: { status: 'Healthy' } }, { syncPolicy: WIDEST }), NOW, plain);
    expect(text.split('\n')).toEqual([
      'Name:        app',
      'Namespace:   team',
      'Repository:  http://git.test/repo.git',
      'Path:        .',
      `Revision:    main (${REVISION})`,
      'Sync:        ✔ Synced',
      'Health:      ✔ Healthy',
      'Automation:  Active, prunes, heals',
      'Last sync:   ✔ Succeeded 24h ago, 0123456',
    ]);
  });

  it('names the conditions that are not fine, with their reasons, in 80 columns', () => {
    const condition = {
      type: 'Synced',
      status: 'False' as const,
      reason: 'ApplyFailed',
      message: `Deployment team/web: ${'the server said a lot about this '.repeat(6)}`.trim(),
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 1,
    };
    const fine = { ...condition, type: 'SourceReady', status: 'True' as const, message: 'is at a commit' };
    const text = applicationHeader(given({ conditions: [fine, condition] }), NOW, plain);
    expect(text).toContain('\n\nConditions:\n  ✖ Synced False  ApplyFailed\n    Deployment team/web: the server');
    expect(text).not.toContain('SourceReady');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
  });

  it('says why and since when it is not synced by itself', () => {
    const automation = { state: 'Suspended' as const, message: 'incident 42', since: '2025-12-31T21:00:00Z' };
    const text = applicationHeader(given({ automation }, { suspend: true }), NOW, plain);
    expect(text).toContain('Automation:  Suspended for 3h: incident 42');
  });

  it('says what holds it, and until when', () => {
    const message = 'outside of the sync windows until 2026-01-01T22:00:00Z';
    const automation = { state: 'Held' as const, message, since: '2025-12-31T21:00:00Z' };
    const text = applicationHeader(given({ automation }, { syncPolicy: WIDEST }), NOW, plain);
    expect(text).toContain(`Automation:  Held for 3h: ${message}`);
  });

  it('does not pass off what is known of an older spec as news', () => {
    const changed = given({ automation: { state: 'Active', since: '2025-12-31T21:00:00Z' } }, { suspend: true });
    changed.metadata.generation = 2;
    const text = applicationHeader(changed, NOW, plain);
    expect(text).toContain('Automation:  Suspended: spec.suspend is true');
    expect(text).toContain('Note:        the spec was changed since');
    expect(applicationHeader(application(), NOW, plain)).toContain('no status yet');
  });

  it('says why the last sync was started, and when one that failed is tried again', () => {
    const operation = {
      phase: 'Failed' as const,
      revision: REVISION,
      startedAt: '2025-12-31T23:59:00Z',
      retryCount: 2,
    };
    const finished = { finishedAt: '2025-12-31T23:59:30Z', nextRetryAt: '2026-01-01T00:00:12Z' };
    const operationState = { ...operation, ...finished, trigger: 'SelfHeal' as const, message: 'refused' };
    expect(applicationHeader(given({ operationState }), NOW, plain)).toContain(
      'Last sync:   ✖ Failed 30s ago, 0123456 (SelfHeal), 3 tries: refused\nNext try:    in 12s\n'.trimEnd(),
    );
  });

  it('shows an application whose spec makes no sense, and what is wrong with it', () => {
    expect(applicationHeader(RUBBISH, NOW, plain)).toMatch(/^Spec: +spec/m);
    expect(objectTable(RUBBISH, plain)).toBe('no objects');
  });
});

describe('the table of objects', () => {
  it('has what is wrong with an object below it', () => {
    const resources = [
      { version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'settings', status: 'Synced' as const },
      {
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        namespace: 'other',
        name: 'web',
        status: 'OutOfSync' as const,
        message: '/spec/replicas differs',
        health: { status: 'Progressing' as const, message: '0 of 1 pods are available' },
      },
    ];
    expect(objectTable(given({ resources }), plain).split('\n')).toEqual([
      'KIND        NAME       SYNC         HEALTH',
      'ConfigMap   settings   ✔ Synced',
      'Deployment  other/web  ✖ OutOfSync  ◌ Progressing',
      '    /spec/replicas differs',
      '    0 of 1 pods are available',
    ]);
  });
});

describe('a sync in waves and with hooks', () => {
  it('has the wave of each object, and what became of the hooks', () => {
    const resource = { version: 'v1', kind: 'ConfigMap', namespace: 'team', status: 'Synced' as const };
    const resources = [
      { ...resource, name: 'a' },
      { ...resource, name: 'b', syncWave: 2 },
    ];
    const hook = { version: 'v1', group: 'batch', kind: 'Job', name: 'migrate', syncPhase: 'PreSync' as const };
    const hooks = [{ ...hook, hookPhase: 'Failed' as const, message: 'backoff limit reached' }];
    const operationState = { phase: 'Failed' as const, revision: REVISION, startedAt: '2026-01-01T00:00:00Z', hooks };
    const waved = given({ resources, operationState });
    expect(objectTable(waved, plain).split('\n')).toEqual([
      'KIND       NAME  WAVE  SYNC      HEALTH',
      'ConfigMap  a     0     ✔ Synced',
      'ConfigMap  b     2     ✔ Synced',
    ]);
    expect(hookTable(waved, plain)?.split('\n')).toEqual([
      'PHASE    HOOK         STATE',
      'PreSync  Job/migrate  ✖ Failed',
      '    backoff limit reached',
    ]);
    expect(hookTable(given({}), plain)).toBeUndefined();
  });
});

describe('the list of applications', () => {
  it('has a line for each, also for one whose spec makes no sense', () => {
    expect(applicationList([given({ health: { status: 'Degraded' } }), RUBBISH], true, NOW, plain).split('\n')).toEqual(
      [
        'NAMESPACE  NAME  SYNC       HEALTH      REVISION  AUTOMATION  AGE',
        'team       app   ✔ Synced   ✖ Degraded  0123456   Active      2d',
        'team       app   ◌ Unknown  ◌ Unknown   -         Manual',
      ],
    );
  });
});

describe('the history', () => {
  it('has whole commit ids, to be copied, and says what came from another place', () => {
    const entry = { id: 3, revision: REVISION, deployedAt: '2025-12-31T23:00:00Z' };
    const source = { repoURL: 'https://git.test/repo.git', path: 'old' };
    const history = [
      { ...entry, source },
      { ...entry, id: 4, source: { ...source, path: 'new' }, initiatedBy: { automated: true } },
    ];
    const lines = historyTable(given({ history }), plain).split('\n').slice(1);
    expect(lines).toEqual([
      `3   ${REVISION}  2025-12-31T23:00:00Z  -`,
      '    old of https://git.test/repo.git',
      `4   ${REVISION}  2025-12-31T23:00:00Z  itself`,
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
  });
});

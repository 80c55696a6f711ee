import type { Application } from '../../api/generated/application.ts';
import type { KubeObject } from '../../kube/types.ts';
import { counted } from '../../sync/describe.ts';
import { assess } from '../../sync/health/assess.ts';
import { type UserRules, userRules } from '../../sync/health/user-rules.ts';
import type { OwnedNode, TreeNode } from '../object-tree.ts';
import { age } from './age.ts';
import { podLine } from './pod-line.ts';
import { symbolOf, toneOf, toneOfHealth } from './symbols.ts';
import { type Cell, type Paint, table } from './table.ts';
import { type Branching, treeLines } from './tree-lines.ts';

interface Line extends Branching<Line> {
  name: string;
  health: Cell;
  age: string;
  info: string;
}

/** What the lines of one tree have in common. */
interface View {
  rules: UserRules;
  /** Namespace that is not worth a mention. */
  home: string | undefined;
  now: number;
}

const NONE: Cell = { text: '' };

/**
 * An Application with its objects and what they own. The health of the objects in Git is that of the status; that of the others is
 * judged here, by the same rules.
 *
 * @param now milliseconds since the epoch, for ages
 */
export function applicationTree(
  application: Application,
  nodes: readonly TreeNode[],
  now: number,
  paint: Paint,
): string {
  const { metadata, status, spec } = application;
  const view = { rules: userRules(application), home: spec?.destination?.namespace ?? metadata.namespace, now };
  const lines = treeLines(nodes.map((node) => lineOf(node, view)));
  const root = [
    { text: `Application/${metadata.name}` },
    healthCell(status?.health?.status),
    { text: age(metadata.creationTimestamp, now) },
    { text: syncInfo(status?.sync?.status ?? 'Unknown') },
  ];
  const rows = lines.map(({ lead, node }): Cell[] => [
    { text: `${lead}${node.name}` },
    node.health,
    { text: node.age },
    { text: node.info },
  ]);
  return table([['OBJECT', 'HEALTH', 'AGE', 'INFO'].map((text) => ({ text })), root, ...rows], paint);
}

function lineOf(node: TreeNode, view: View): Line {
  if (node.type === 'owned') return ownedLine(node, view);
  const { kind, namespace, name, health, status = 'Unknown', requiresPruning } = node.entry;
  return {
    name: `${kind}/${namespace === undefined || namespace === view.home ? '' : `${namespace}/`}${name}`,
    health: healthCell(health?.status),
    age: '',
    info: requiresPruning === true ? 'gone from Git' : syncInfo(status),
    children: ownedLines(node.owned, view),
  };
}

function ownedLine({ object, owned }: OwnedNode, view: View): Line {
  const common = {
    name: `${object.kind}/${object.metadata.name}`,
    age: age(object.metadata.creationTimestamp, view.now),
  };
  if (object.kind === 'Pod') {
    const { symbol, status, tone, info } = podLine(object);
    return { ...common, health: { text: `${symbol} ${status}`, tone }, info, children: ownedLines(owned, view) };
  }
  const health = assess(object, view.rules);
  return { ...common, health: healthCell(health?.status), info: '', children: ownedLines(owned, view) };
}

/** Old ReplicaSets are kept for going back and say nothing else, so they share one line. */
function ownedLines(nodes: readonly OwnedNode[], view: View): Line[] {
  const idle = nodes.filter(({ object, owned }) => owned.length === 0 && isScaledDown(object));
  const lines = nodes.filter((node) => !idle.includes(node)).map((node) => ownedLine(node, view));
  if (idle.length === 0) return lines;
  const health = { text: `${symbolOf('ScaledDown')} ScaledDown`, tone: toneOf('ScaledDown') };
  return [...lines, { name: counted(idle.length, 'ReplicaSet'), health, age: '', info: 'no pods', children: [] }];
}

function isScaledDown({ kind, spec, status }: KubeObject): boolean {
  const replicas = (part: unknown): unknown => (part as { replicas?: unknown } | undefined)?.replicas;
  return kind === 'ReplicaSet' && replicas(spec) === 0 && (replicas(status) ?? 0) === 0;
}

function healthCell(health: Parameters<typeof toneOfHealth>[0] | undefined): Cell {
  return health === undefined ? NONE : { text: `${symbolOf(health)} ${health}`, tone: toneOfHealth(health) };
}

/** Only what is not as it should be. */
function syncInfo(status: string): string {
  return status === 'Synced' ? '' : status;
}

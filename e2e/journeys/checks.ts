import { until } from '../cluster/wait.ts';
import { NAME, NAMESPACE, SOON_MS, type Stage } from './stage.ts';

/** Requests without a good answer since a moment. */
export function failures({ traffic }: Pick<Stage, 'traffic'>, since: number): string[] {
  return traffic.answers
    .filter(({ sentAt, status }) => sentAt >= since && status !== 200)
    .map(({ version, status, error }) => `${version ?? 'no version'} ${status ?? ''} ${error ?? ''}`);
}

/** Waits until the alias champion points to a version, and the follower of the alias has seen it. */
export async function untilAlias({ championMoves }: Stage, version: string): Promise<void> {
  const what = `the alias champion to point to version ${version}`;
  await until(() => championMoves.at(-1)?.version === version, { what, timeoutMs: SOON_MS });
}

/** Checks the tags that the Rollout wrote on a version; gives the reason among them. */
export async function checkTag({ facts, registry }: Stage, version: string, phase: string): Promise<string> {
  const tags = (): Promise<Record<string, string>> => registry.verdict(version, { namespace: NAMESPACE, name: NAME });
  const written = async (): Promise<boolean> => (await tags())['phase'] === phase;
  await until(written, { what: 'the tag', timeoutMs: 15_000, intervalMs: 250 }).catch(() => undefined);
  const last = await tags();
  facts.equals(`the registry's tag on version ${version}`, last['phase'], phase);
  return last['reason'] ?? '';
}

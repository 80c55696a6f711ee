import { ANALYSIS_RUN_RESOURCE } from '../../api/generated/analysisrun.ts';
import { ROLLOUT_RESOURCE } from '../../api/generated/rollout.ts';
import { plainText } from '../plain-text.ts';
import { readView } from '../read-rollout.ts';
import { rolloutSummary, rolloutTree } from '../render/rollout-tree.ts';
import { POD_RESOURCE, REPLICA_SET_RESOURCE, type Session } from '../session.ts';

/** `get rollout NAME [-w]`: the summary and the tree, once or for as long as somebody looks. */
export async function getRollout(session: Session, name: string, watch: boolean): Promise<void> {
  const screen = async (): Promise<string> => {
    const view = plainText(await readView(session, name));
    return `${rolloutSummary(view, session.paint)}\n\n${rolloutTree(view, session.clock.now(), session.paint)}`;
  };
  if (!watch) {
    session.print(await screen());
    return;
  }
  let busy = false;
  let again = false;
  // One read at a time: a burst of changes while it runs makes one more, not many.
  const draw = async (): Promise<void> => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && !session.signal.aborted) {
        again = false;
        session.redraw(await screen());
      }
    } finally {
      busy = false;
    }
  };
  await new Promise<void>((resolve, reject) => {
    session.signal.addEventListener('abort', () => resolve(), { once: true });
    const kinds = [ROLLOUT_RESOURCE, REPLICA_SET_RESOURCE, POD_RESOURCE, ANALYSIS_RUN_RESOURCE];
    session.onChange(kinds, () => void draw().catch(reject), session.signal).catch(reject);
  });
}

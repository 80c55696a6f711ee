import { ANALYSIS_RUN_RESOURCE } from '../../api/generated/analysisrun.ts';
import { EXPERIMENT_RESOURCE } from '../../api/generated/experiment.ts';
import { ROLLOUT_RESOURCE } from '../../api/generated/rollout.ts';
import { plainText } from '../plain-text.ts';
import { readView } from '../read-rollout.ts';
import { rolloutSummary, rolloutTree } from '../render/rollout-tree.ts';
import { POD_RESOURCE, REPLICA_SET_RESOURCE, type Session } from '../session.ts';
import { watched } from './watched.ts';

const KINDS = [ROLLOUT_RESOURCE, REPLICA_SET_RESOURCE, POD_RESOURCE, ANALYSIS_RUN_RESOURCE, EXPERIMENT_RESOURCE];

/** `get rollout NAME [-w]`: the summary and the tree, once or for as long as somebody looks. */
export function getRollout(session: Session, name: string, watch: boolean): Promise<void> {
  return watched(session, KINDS, watch, async () => {
    const view = plainText(await readView(session, name));
    return `${rolloutSummary(view, session.paint)}\n\n${rolloutTree(view, session.clock.now(), session.paint)}`;
  });
}

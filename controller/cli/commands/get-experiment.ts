import { ANALYSIS_RUN_RESOURCE } from '../../api/generated/analysisrun.ts';
import { EXPERIMENT_RESOURCE } from '../../api/generated/experiment.ts';
import { plainText } from '../plain-text.ts';
import { readExperiment } from '../read-experiment.ts';
import { experimentSummary, experimentTree } from '../render/experiment-tree.ts';
import { POD_RESOURCE, REPLICA_SET_RESOURCE, type Session } from '../session.ts';
import { watched } from './watched.ts';

const KINDS = [EXPERIMENT_RESOURCE, REPLICA_SET_RESOURCE, POD_RESOURCE, ANALYSIS_RUN_RESOURCE];

/** `get experiment NAME [-w]`: the summary and the tree, once or for as long as somebody looks. */
export function getExperiment(session: Session, name: string, watch: boolean): Promise<void> {
  return watched(session, KINDS, watch, async () => {
    const view = plainText(await readExperiment(session, name));
    const now = session.clock.now();
    return `${experimentSummary(view, now, session.paint)}\n\n${experimentTree(view, now, session.paint)}`;
  });
}

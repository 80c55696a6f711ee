import { NAME, type Stage } from './stage.ts';

/** What must be said by Events in the course of the journeys, by a word of their messages. */
const TOLD = ['error-rate', '10', '50'];

/** Journey 4: kubectl alone tells what happened and what is. */
export async function statusJourney(stage: Stage): Promise<void> {
  const { exhibits, facts, kubectl } = stage;
  facts.begin('4 status');
  const show = async (title: string, output: Promise<string>): Promise<string> => {
    const text = await output;
    exhibits.push({ command: title, output: text });
    return text;
  };
  const listing = await show('kubectl get applications,rollouts', kubectl.inNamespace('get', 'applications,rollouts'));
  for (const word of ['Synced', 'Healthy', 'fraud 2']) {
    facts.holds(`kubectl get applications,rollouts says ${word}`, listing.includes(word), listing.trim());
  }
  for (const [condition, object] of [
    ['Synced', `application/${NAME}`],
    ['Healthy', `application/${NAME}`],
    ['Healthy', `rollout/${NAME}`],
    ['Completed', `rollout/${NAME}`],
    ['Ready', 'modelregistry/mlflow'],
  ] as const) {
    const waited = await kubectl.inNamespace('wait', `--for=condition=${condition}`, object, '--timeout=30s').then(
      (output) => output.trim(),
      (error: Error) => error.message,
    );
    facts.holds(`kubectl wait --for=condition=${condition} ${object}`, waited.endsWith('condition met'), waited);
  }
  const events = await show(
    'kubectl get events --field-selector involvedObject.kind=Rollout',
    kubectl.inNamespace('get', 'events', '--sort-by=.lastTimestamp', '--field-selector', 'involvedObject.kind=Rollout'),
  );
  for (const word of TOLD)
    facts.holds(`an Event tells of ${word}`, events.includes(word), `${events.split('\n').length - 2} Events`);
  const tree = await show('kubectl slipway get rollout fraud', kubectl.slipway('get', 'rollout', NAME));
  facts.holds(
    'kubectl slipway shows the tree',
    tree.includes('fraud') && tree.includes('stable'),
    `${tree.split('\n').length} lines`,
  );
  const status = await kubectl.slipway('status', NAME, '--no-watch');
  facts.holds('kubectl slipway status succeeds', status.includes('Healthy'), status.trim());
}

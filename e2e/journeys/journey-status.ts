import { NAME, type Stage } from './stage.ts';

/** Reasons of Events that must have been told of the Rollout in the course of the journeys. */
const TOLD = ['RolloutUpdated', 'TrafficWeightUpdated', 'RolloutStepCompleted', 'RolloutCompleted', 'RolloutAborted'];

/** Journey 4: kubectl alone tells what happened and what is. */
export async function statusJourney(stage: Stage): Promise<void> {
  const { exhibits, facts, kubectl, traffic } = stage;
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
  const lines = events.split('\n');
  for (const reason of TOLD)
    facts.holds(`an Event says ${reason}`, events.includes(reason), `${lines.length - 2} Events`);
  const why = lines.find((line) => line.includes('RolloutAborted')) ?? '';
  facts.holds('the Event of the abort names its cause', /error-rate.*\d/.test(why), why.replace(/\s+/g, ' '));
  const tree = await show('kubectl slipway get rollout fraud', kubectl.slipway('get', 'rollout', NAME));
  facts.holds(
    'kubectl slipway shows the tree',
    tree.includes('fraud') && tree.includes('stable'),
    `${tree.split('\n').length} lines`,
  );
  const status = await kubectl.slipway('status', NAME, '--no-watch');
  facts.holds('kubectl slipway status succeeds', status.includes('Healthy'), status.trim());
  const faulty = traffic.answers.filter(({ status: code }) => code !== 200).map(({ version }) => version ?? 'nobody');
  facts.equals('in the whole demo requests failed only at version', [...new Set(faulty)], ['3']);
}

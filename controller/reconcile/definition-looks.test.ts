import { expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { watchDefinitions } from './definition-looks.ts';

const definition = (generation: number): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.test', generation },
});

function watched() {
  const clock = new ManualClock();
  const looks: boolean[] = [];
  let tell: (event: WatchEvent) => void = () => undefined;
  const definitions = {
    onEvent: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  };
  const close = watchDefinitions(definitions, clock, (_, known) => void looks.push(known));
  return { clock, looks, close, tell: (event: WatchEvent) => tell(event) };
}

it('looks again at what is served after a definition has changed, since the API server takes its time', async () => {
  const { clock, looks, tell } = watched();
  tell({ type: 'updated', object: definition(2), old: definition(1) });
  expect(looks).toEqual([true]);
  await clock.advance(2_000);
  expect(looks).toEqual([true, true]);
  await clock.advance(60_000);
  expect(looks).toEqual([true, true, true]);
});

it('looks once at a new definition, and at one of which only the status is new', async () => {
  const { clock, looks, tell } = watched();
  tell({ type: 'added', object: definition(1) });
  tell({ type: 'updated', object: definition(1), old: definition(1) });
  await clock.advance(60_000);
  expect(looks).toEqual([false, true]);
});

it('looks no more when it is closed', async () => {
  const { clock, looks, close, tell } = watched();
  tell({ type: 'deleted', object: definition(1) });
  close();
  await clock.advance(60_000);
  expect(looks).toEqual([true]);
});

import { expect, it } from 'vitest';
import { application, SETTLED } from '../../test/applications.ts';
import { ApplicationMemory, type HeldSync } from './application-memory.ts';

const HELD: HeldSync = { status: SETTLED, told: undefined, until: 500 };

it('a sync is held back until something else is wanted or a status was written', () => {
  const memory = new ApplicationMemory();
  const app = application();
  expect(memory.held(app)).toBeUndefined();
  memory.hold(app, HELD);
  expect(memory.held(app)).toMatchObject(HELD);
  expect(memory.held({ ...app, metadata: { ...app.metadata, generation: 7 } })).toBeUndefined();
  expect(memory.held({ ...app, metadata: { ...app.metadata, uid: 'another' } })).toBeUndefined();
  memory.wrote(app);
  expect(memory.held(app)).toBeUndefined();
});

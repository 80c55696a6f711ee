import { expect, test } from 'vitest';
import { toolEnvironment } from './tool-environment.ts';

test('adds the system folders behind what is there, once', () => {
  expect(toolEnvironment({ PATH: '/usr/bin:/sbin', HOME: '/h' })).toEqual({
    PATH: '/usr/bin:/sbin:/usr/local/sbin:/usr/sbin',
    HOME: '/h',
  });
  expect(toolEnvironment({})['PATH']).toBe('/usr/local/sbin:/usr/sbin:/sbin');
});

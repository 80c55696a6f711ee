import { describe, expect, it } from 'vitest';
import { describeStep, parseSteps, type Step, scaleAt } from './steps.ts';

const one = (step: object): Step | undefined => parseSteps([step])[0];
const header = (match: unknown) => one({ setHeaderRoute: { name: 'beta', match } });
const mirror = (match: unknown, percentage?: unknown) => one({ setMirrorRoute: { name: 'copy', match, percentage } });

describe('a step that sets a managed route', () => {
  it('reads all headers of setHeaderRoute as one match', () => {
    expect(
      header([
        { headerName: 'X-Beta', headerValue: { exact: 'yes' } },
        { headerName: 'Agent', headerValue: { prefix: 'Chrome' } },
      ]),
    ).toMatchObject({
      kind: 'setHeaderRoute',
      name: 'beta',
      route: {
        matches: [
          {
            headers: [
              { name: 'X-Beta', value: { type: 'exact', value: 'yes' } },
              { name: 'Agent', value: { type: 'prefix', value: 'Chrome' } },
            ],
          },
        ],
      },
    });
  });

  it('reads each entry of setMirrorRoute as a match of its own, of all requests where nothing is said', () => {
    const read = mirror([{ method: { exact: 'POST' }, path: { prefix: '/v1' } }, { headers: { a: { regex: 'b.*' } } }]);
    expect(read).toMatchObject({
      route: {
        kind: 'mirror',
        percentage: 100,
        matches: [
          { method: 'POST', path: { type: 'prefix', value: '/v1' }, headers: [] },
          { headers: [{ name: 'a', value: { type: 'regex', value: 'b.*' } }] },
        ],
      },
    });
    expect(mirror([{ path: { exact: '/' } }], 5)).toMatchObject({ route: { percentage: 5 } });
  });

  it.each([undefined, null, []])('removes it with match %j', (match) => {
    expect(header(match)).toEqual({ kind: 'setHeaderRoute', name: 'beta', route: undefined });
    expect(describeStep(mirror(match) as Step)).toBe('setMirrorRoute: remove copy');
  });

  it.each<[Step | undefined, string]>([
    [one({ setHeaderRoute: {} }), '.setHeaderRoute.name'],
    [header([{ headerValue: { exact: 'a' } }]), '.setHeaderRoute.match[0].headerName'],
    [header([{ headerName: 'a' }]), '.setHeaderRoute.match[0].headerValue'],
    [header([{ headerName: 'a', headerValue: { exact: 'a', regex: 'b' } }]), '.setHeaderRoute.match[0].headerValue'],
    [header(['a', 'A'].map((headerName) => ({ headerName, headerValue: { exact: 'x' } }))), '.setHeaderRoute.match'],
    [mirror([{}]), '.setMirrorRoute.match[0]'],
    [mirror([{ method: { prefix: 'P' } }]), '.setMirrorRoute.match[0].method'],
    [mirror([{ method: { exact: 'get' } }]), '.setMirrorRoute.match[0].method'],
    [mirror([{ path: { prefix: 'v1' } }]), '.setMirrorRoute.match[0].path.prefix'],
    [mirror([{ headers: { a: {} } }]), '.setMirrorRoute.match[0].headers.a'],
    [mirror([{ path: { exact: '/' } }], 101), '.setMirrorRoute.percentage'],
  ])('says which field makes no sense: %#', (step, field) => {
    expect(step).toMatchObject({ kind: 'invalid', field });
  });

  it('gives the version under test a pod, for as long as the route is there', () => {
    const set = { setHeaderRoute: { name: 'beta', match: [{ headerName: 'a', headerValue: { exact: 'b' } }] } };
    const steps = parseSteps([set, { setWeight: 10 }, { setWeight: 0 }, { setHeaderRoute: { name: 'beta' } }]);
    expect([0, 1, 2, 3].map((index) => scaleAt(steps, index).by)).toEqual(['weight', 'traffic', 'weight', 'traffic']);
    expect(scaleAt(parseSteps([{ setCanaryScale: { replicas: 3 } }, set]), 1)).toEqual({ by: 'replicas', replicas: 3 });
  });
});

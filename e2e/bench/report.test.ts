import { expect, it } from 'vitest';
import { table } from './report.ts';
import type { Result } from './scenarios.ts';

const result = (changes: Partial<Result>): Result => ({
  scenario: 'a',
  seconds: 1.234,
  requests: {},
  requestsByResource: { services: 1000 },
  rendered: 0,
  cpuSeconds: 0.5,
  cpuSecondsOfOthers: { etcd: 1.25, 'kube-apiserver': 2 },
  peakRssMiB: 100,
  eventLoopP99Ms: 12.3,
  eventLoopMaxMs: 20,
  details: {},
  ...changes,
});

it('shows each verb that occurs, in columns', () => {
  const text = table([
    result({ scenario: 'first', rendered: 3, requests: { apply: 4000, get: 1 } }),
    result({ scenario: 'second one', details: { 'p99 seconds to healed': 0.12345, edits: 300 } }),
  ]);
  expect(text.split('\n')).toEqual([
    '            seconds  rendered  CPU s  peak RSS  loop p99  get  apply',
    'first          1.23         3    0.5   100 MiB     12 ms    1   4000',
    '    requests by resource: services 1000',
    '    CPU seconds of others: etcd 1.3, kube-apiserver 2',
    'second one     1.23         0    0.5   100 MiB     12 ms    0      0',
    '    requests by resource: services 1000',
    '    CPU seconds of others: etcd 1.3, kube-apiserver 2',
    '    p99 seconds to healed: 0.123',
    '    edits: 300',
  ]);
});

it('leaves out how much was rendered when nothing was', () => {
  expect(
    table([result({})])
      .split('\n')
      .slice(0, 2),
  ).toEqual(['   seconds  CPU s  peak RSS  loop p99', 'a     1.23    0.5   100 MiB     12 ms']);
});

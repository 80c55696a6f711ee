import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from './config.ts';

/** What a mistake on the command line prints. */
function refusal(...argv: string[]): string {
  vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => parseConfig(argv)).toThrow('exit');
  return printed.mock.calls.map(([text]) => String(text)).join('');
}

describe('the command line', () => {
  afterEach(() => vi.restoreAllMocks());

  it('serves our own group under our own Lease, all on one port', () => {
    const config = parseConfig([]);
    expect(config).toMatchObject({
      apiGroup: 'slipway.dev',
      leaseNamespace: 'slipway-system',
      leaseName: 'slipway-controller',
      probeListen: '0.0.0.0:8080',
    });
    expect(config.metricsListen).toBeUndefined();
  });

  it('in compatibility mode takes the Lease and the ports of Argo Rollouts, so that only one of the two can lead', () => {
    expect(parseConfig(['--api-group', 'argoproj.io'])).toMatchObject({
      leaseNamespace: 'argo-rollouts',
      leaseName: 'argo-rollouts-controller-lock',
      probeListen: '0.0.0.0:8080',
      metricsListen: '0.0.0.0:8090',
    });
    const argv = ['--api-group=argoproj.io', '--instance-id=blue', '--lease-namespace=a', '--metrics-listen=[::1]:1'];
    expect(parseConfig(argv)).toMatchObject({
      instanceId: 'blue',
      leaseNamespace: 'a',
      leaseName: 'argo-rollouts-controller-lock-blue',
      metricsListen: '[::1]:1',
    });
  });

  it.each([
    [['--instance-id', 'blue'], '--instance-id needs --api-group argoproj.io'],
    [['--api-group', 'argoproj.io', '--instance-id', 'a,b'], '--instance-id must be the value of a label'],
    [['--api-group', 'example.org'], 'Allowed choices are slipway.dev, argoproj.io'],
  ])('refuses %s', (argv, message) => {
    expect(refusal(...argv)).toContain(message);
  });
});

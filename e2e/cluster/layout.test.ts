import { expect, test } from 'vitest';
import { checkName, chooseSlot, layoutOf, preferredSlot, SLOTS } from './layout.ts';

const layouts = Array.from({ length: SLOTS }, (_, slot) => layoutOf(slot));

test('no two clusters share a port', () => {
  const ports = layouts.flatMap((layout) => [...Object.values(layout.ports), ...layout.helperPorts]);
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.min(...ports)).toBeGreaterThan(1024);
  // Above is where the kernel takes ports for outgoing connections, and NodePorts.
  expect(Math.max(...ports)).toBeLessThan(30_000);
});

test('no two clusters share an address', () => {
  const ranges = layouts
    .flatMap(({ serviceCidr, podCidr, hostAddress, linkPrefixLength }) => [
      range(serviceCidr),
      range(podCidr),
      range(`${hostAddress}/${linkPrefixLength}`),
    ])
    .sort((a, b) => a.first - b.first);
  for (const [index, { first }] of ranges.entries()) expect(first).toBeGreaterThan(ranges[index - 1]?.last ?? -1);
});

test('the addresses of a cluster lie where they must', () => {
  for (const layout of layouts) {
    const link = range(`${layout.hostAddress}/${layout.linkPrefixLength}`);
    expect(number(layout.nodeAddress)).toBeGreaterThan(link.first);
    expect(number(layout.nodeAddress)).toBeLessThan(link.last);
    expect(number(layout.kubernetesServiceAddress)).toBe(range(layout.serviceCidr).first + 1);
    expect(layout.linkName.length).toBeLessThanOrEqual(15);
  }
});

test('a name always prefers the same slot and takes the next free one when that is taken', async () => {
  const wanted = preferredSlot('slipway');
  expect(preferredSlot('slipway')).toBe(wanted);
  expect(await chooseSlot('slipway', async () => true)).toBe(wanted);
  expect(await chooseSlot('slipway', async (slot) => slot !== wanted)).toBe((wanted + 1) % SLOTS);
  await expect(chooseSlot('slipway', async () => false)).rejects.toThrow('all 250 slots for clusters are taken');
});

test.each(['slipway', 'a', '7', 'api-tests-12345', 'a'.repeat(20)])('%j is a name', (name) => {
  expect(checkName(name)).toBe(name);
});

test.each(['', 'A', '-a', 'a-', 'a_b', 'a/../b', 'a'.repeat(21)])('%j is no name', (name) => {
  expect(() => checkName(name)).toThrow('is no cluster name');
});

function number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function range(cidr: string): { first: number; last: number } {
  const [address = '', length] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(number(address) / size) * size;
  return { first, last: first + size - 1 };
}

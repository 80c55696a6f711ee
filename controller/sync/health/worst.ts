import type { Health, HealthStatus } from './health.ts';

/** From best to worst; an Application is as healthy as its worst object. */
const ORDER: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/**
 * The worst of several healths; the message names the first object that has it, and how many share it. Objects without
 * health do not count, and nothing at all is healthy.
 */
export function worstHealth(objects: readonly { name: string; health: Health | undefined }[]): Health {
  let worst: HealthStatus = 'Healthy';
  for (const { health } of objects) {
    if (health !== undefined && ORDER.indexOf(health.status) > ORDER.indexOf(worst)) worst = health.status;
  }
  if (worst === 'Healthy') return { status: worst };
  const guilty = objects.filter(({ health }) => health?.status === worst);
  const [first] = guilty;
  const more = guilty.length > 1 ? ` (and ${guilty.length - 1} more)` : '';
  return { status: worst, message: `${first?.name}: ${first?.health?.message ?? worst}${more}` };
}

import type { HealthStatus } from '../../sync/health/health.ts';

/** One symbol for each state, the same in the tree and in the status line. */
export function symbolOf(status: string): string {
  switch (status) {
    case 'Healthy':
    case 'Successful':
    case 'Running pod':
    case 'Synced':
    case 'Succeeded':
    case 'Active':
      return '✔';
    case 'Paused':
    case 'Suspended':
    case 'Inconclusive':
      return '॥';
    case 'Degraded':
    case 'Failed':
    case 'Error':
    case 'Missing':
    case 'OutOfSync':
      return '✖';
    case 'ScaledDown':
      return '•';
    default:
      return '◌';
  }
}

export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'plain';

/** How a state is coloured where colours are shown. Text and symbol say the same without it. */
export function toneOf(status: string): Tone {
  switch (status) {
    case 'Healthy':
    case 'Successful':
    case 'Running pod':
    case 'Synced':
    case 'Succeeded':
    case 'Active':
      return 'good';
    case 'Degraded':
    case 'Failed':
    case 'Error':
    case 'Missing':
      return 'bad';
    case 'ScaledDown':
      return 'quiet';
    case 'Paused':
    case 'Progressing':
    case 'Inconclusive':
    case 'Pending':
    case 'Running':
    case 'Suspended':
    case 'OutOfSync':
    case 'Unknown':
      return 'busy';
    default:
      return 'plain';
  }
}

/** How the health of an object is coloured. */
export function toneOfHealth(status: HealthStatus): Tone {
  switch (status) {
    case 'Healthy':
      return 'good';
    case 'Degraded':
    case 'Missing':
      return 'bad';
    case 'Progressing':
    case 'Suspended':
    case 'Unknown':
      return 'busy';
  }
}

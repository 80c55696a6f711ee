import { seededRandom } from '../../controller/platform/random.ts';

/** An inference request of the Open Inference Protocol v2. */
export interface InferenceRequest {
  readonly id: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly datatype: string;
    readonly data: (number | string)[];
  }[];
}

const CHANNELS = ['web', 'app', 'terminal', 'wallet', 'wallet'] as const;

/**
 * The payment number `index` of a fixed stream: the same index gives the same payment, two of five come from wallets, and
 * the order has no period that could fall in step with how a gateway deals out requests.
 */
export function payment(index: number): InferenceRequest {
  const random = seededRandom(index);
  const channel = CHANNELS[Math.floor(random() * CHANNELS.length)] ?? 'web';
  const number = (name: string, value: number) => ({ name, shape: [1], datatype: 'FP64', data: [value] });
  return {
    id: `payment-${index}`,
    inputs: [
      number('amount', Math.round(Math.exp(2 + 3 * random()) * 100) / 100),
      number('account_age_days', Math.floor(1500 * random())),
      number('hour', Math.floor(24 * random())),
      { name: 'channel', shape: [1], datatype: 'BYTES', data: [channel] },
    ],
  };
}

import { createLogUpdate } from 'log-update';
import type { Fact } from './facts.ts';
import type { Observer } from './observer.ts';
import { canaryWeight, NAME } from './stage.ts';
import type { Traffic } from './traffic.ts';

/** The demo's voice: lines that stay, and on a terminal one line below them that follows the rollout. */
export class Live {
  readonly #started = performance.now();
  readonly #follow: ReturnType<typeof createLogUpdate> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#follow = stream.isTTY ? createLogUpdate(stream) : undefined;
  }

  /** A line that stays, with the time since the start. */
  readonly say = (line: string): void => {
    this.#follow?.clear();
    console.error(`${this.#clock()}  ${line}`);
  };

  /** A fact as it was found. */
  readonly fact = (fact: Fact): void => {
    this.say(`${fact.holds ? '  ✔' : '  ✖ NOT SO:'} ${fact.name}: ${fact.seen.split('\n')[0]}`);
  };

  /** Follows the rollout: redrawn in place on a terminal, a line per change otherwise. */
  follow(observer: Observer, traffic: Traffic): void {
    const show = (): void => {
      const state = rolloutLine(observer);
      if (this.#follow !== undefined) this.#follow(`${this.#clock()}  ${state} · ${answersLine(traffic)}`);
      else if (state !== this.#last) this.say(state);
      this.#last = state;
    };
    observer.onChange(show);
    if (this.#follow !== undefined) this.#timer = setInterval(show, 500).unref();
  }

  /** Ends the line that follows. */
  done(): void {
    clearInterval(this.#timer);
    this.#follow?.clear();
  }

  #clock(): string {
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

/** The rollout in one line. */
function rolloutLine(observer: Observer): string {
  const status = observer.rollout(NAME)?.status;
  const parts = [
    status?.model?.summary ?? 'no model yet',
    status?.phase ?? 'Unknown',
    `step ${status?.step ?? '-'}`,
    `canary ${canaryWeight(observer.route(NAME)) ?? '-'} %`,
  ];
  const analysis = status?.canary?.currentStepAnalysisRunStatus;
  if (analysis !== undefined) parts.push(`analysis ${analysis.status}`);
  return parts.join(' · ');
}

/** Who answered the last 100 requests. */
function answersLine(traffic: Traffic): string {
  const counts = new Map<string, number>();
  for (const { version, status } of traffic.answers.slice(-100)) {
    const who = `${version ?? 'nobody'}${status === 200 ? '' : ' failed'}`;
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return `last answers: ${
    [...counts]
      .sort()
      .map(([who, count]) => `${who} ×${count}`)
      .join(', ') || 'none'
  }`;
}

import { abortJourney } from './journey-abort.ts';
import { mergeJourney, type Release } from './journey-merge.ts';
import { promotionJourney } from './journey-promotion.ts';
import { revertAbortedJourney, revertCanaryJourney, revertPromotedJourney } from './journey-revert.ts';
import { statusJourney } from './journey-status.ts';
import type { Stage } from './stage.ts';

/** What one journey leaves for the next: they are one story, each begins where the last one ended. */
export interface Story {
  release?: Release;
  aborted?: Release;
}

/** One journey; its facts are recorded under `name`. */
export interface Journey {
  readonly name: string;
  readonly title: string;
  run(stage: Stage, story: Story): Promise<void>;
}

/** The journeys in their order. */
export const JOURNEYS: readonly Journey[] = [
  {
    name: '1 merge',
    title: 'a merged pull request is applied and starts a canary of the new version',
    run: async (stage, story) => {
      story.release = await mergeJourney(stage);
    },
  },
  {
    name: '2 promotion',
    title: 'a good version is promoted by its measurements, and the registry follows',
    run: (stage, story) => promotionJourney(stage, known(story.release)),
  },
  {
    name: '2 abort',
    title: 'a bad version is aborted by its measurements and loses its traffic at once',
    run: async (stage, story) => {
      story.aborted = await abortJourney(stage);
    },
  },
  {
    name: '3 revert of the aborted',
    title: 'git revert after an abort makes everything healthy, and the rejection is remembered',
    run: (stage, story) => revertAbortedJourney(stage, known(story.aborted)),
  },
  {
    name: '3 revert of the promoted',
    title: 'git revert after a promotion goes back without repeating the steps',
    run: (stage) => revertPromotedJourney(stage),
  },
  {
    name: '3 revert mid-canary',
    title: 'git revert in the middle of a canary goes back at once',
    run: (stage) => revertCanaryJourney(stage),
  },
  {
    name: '4 status',
    title: 'kubectl tells what is and what happened',
    run: (stage) => statusJourney(stage),
  },
];

function known(release: Release | undefined): Release {
  if (release === undefined) throw new Error('the journey before this one did not end well');
  return release;
}

import type { Application } from '../api/generated/application.ts';
import { specProblem } from '../api/stored-object.ts';
import { userRulesProblem } from '../sync/health/user-rules.ts';
import { ignoreProblem } from '../sync/ignore/rules.ts';
import { applicationOptions } from '../sync/object-options.ts';
import { retryProblem } from '../sync/retry.ts';
import { waveTimeoutProblem } from '../sync/walk.ts';
import { windowsProblem } from '../sync/windows.ts';

/** Why the spec of an Application cannot be acted on: one line with the field and the remedy. The first thing found. */
export function applicationProblem(application: Application): string | undefined {
  return (
    specProblem(application) ??
    ignoreProblem(application) ??
    userRulesProblem(application) ??
    applicationOptions(application).problem ??
    retryProblem(application) ??
    waveTimeoutProblem(application) ??
    windowsProblem(application)
  );
}

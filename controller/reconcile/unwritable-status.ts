import { specProblem } from '../api/stored-object.ts';
import { isInvalid } from '../kube/errors.ts';

/**
 * Whether the API server refused a status because of the spec beside it: rules over a spec of the wrong types cannot be
 * worked out, and then nothing of the object can be written. What the status would have said, an Event has to say, and
 * there is no use in trying again before somebody corrects the spec.
 */
export function isUnwritable(object: object, error: unknown): boolean {
  return isInvalid(error) && specProblem(object) !== undefined;
}

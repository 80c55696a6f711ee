import { describe, expect, it } from 'vitest';
import { secretRefusal } from './secret-refusal.ts';

const typed = 'failed to create typed patch object (team/db; /v1, Kind=Secret): ';

describe('what is shown when a Secret is refused', () => {
  it.each<[what: string, status: number, message: string, shown: string]>([
    [
      'a webhook',
      403,
      'admission webhook "keys.example.com" denied the request: hunter2 is too short',
      'the Secret was refused by the admission webhook "keys.example.com" (its reasons are hidden because they may quote values)',
    ],
    [
      'a webhook with a status of its own',
      409,
      'admission webhook "keys.example.com" denied the request: hunter2',
      'the Secret was refused by the admission webhook "keys.example.com" (its reasons are hidden because they may quote values)',
    ],
    [
      'a policy',
      422,
      "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'strong' with binding 'all' denied request: hunter2",
      'the Secret was refused by the ValidatingAdmissionPolicy "strong" (its reasons are hidden because they may quote values)',
    ],
    [
      'a webhook that does not answer',
      500,
      'Internal error occurred: failed calling webhook "keys.example.com": failed to call webhook: hunter2',
      'the admission webhook "keys.example.com" could not be asked',
    ],
    ['a wrong type', 500, `${typed}.data: expected map, got &{hunter2}`, 'the Secret was refused: .data: expected map'],
    [
      'a misspelt field',
      500,
      `${typed}.stringdata: field not declared in schema`,
      'the Secret was refused: .stringdata: field not declared in schema',
    ],
    [
      'a text that only looks like such an answer',
      422,
      'hunter2 Kind=Secret): .a hunter2: expected map',
      'the Secret was refused as invalid (details are hidden because they may quote its values)',
    ],
    [
      'text that is no base64',
      500,
      'failed to convert new object: illegal base64 data at input byte 7: hunter2',
      'the Secret was refused: a value under data is no base64; put plain text under stringData',
    ],
    [
      'a status that nobody expects',
      418,
      'hunter2',
      'the Secret was refused as invalid (details are hidden because they may quote its values)',
    ],
  ])('%s', (_, status, message, shown) => {
    expect(secretRefusal(status, { message, causes: [] })).toBe(shown);
  });

  it.each([
    [403, 'secrets "db" is forbidden: User "jane" cannot patch resource "secrets" in API group ""'],
    [404, 'namespaces "team" not found'],
    [409, 'Operation cannot be fulfilled on secrets "db": the object has been modified'],
    [503, 'the server is currently unable to handle the request'],
  ])('all of an answer %i that tells nothing of the content', (status, message) => {
    expect(secretRefusal(status, { message, causes: [] })).toBeUndefined();
  });
});

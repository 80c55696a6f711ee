import { APPLICATION_RESOURCE, type Application } from '../../api/generated/application.ts';
import { Reason } from '../../api/reasons.ts';
import { specProblem } from '../../api/stored-object.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { type UserRules, userRules, userRulesProblem } from '../../sync/health/user-rules.ts';

const { group, version, kind } = APPLICATION_RESOURCE;

/**
 * The rules of `spec.healthChecks` in a file: an Application, a map with `healthChecks`, or the list alone. Throws
 * SlipwayError `InvalidSpec` or `InputUnreadable`, and ManifestError for what is no YAML.
 */
export function readHealthRules(text: string, file: string): UserRules {
  const found = parseYaml(text, file)
    .map(({ value }) => asApplication(value))
    .filter((application) => application !== undefined);
  const [application, ...more] = found;
  if (application === undefined || more.length > 0) {
    const what = application === undefined ? 'no rules' : `${found.length} documents with rules`;
    throw new SlipwayError(
      'InputUnreadable',
      `${file} has ${what}: pass one Application, or a list of rules as in its spec.healthChecks`,
    );
  }
  const problem = specProblem(application) ?? userRulesProblem(application);
  if (problem !== undefined) throw new SlipwayError(Reason.InvalidSpec, `${file}: ${problem}`);
  return userRules(application);
}

function asApplication(value: unknown): Application | undefined {
  if (Array.isArray(value)) return withRules(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('kind' in value && value.kind === kind && 'apiVersion' in value && value.apiVersion === `${group}/${version}`) {
    return value as Application;
  }
  return 'healthChecks' in value ? withRules(value.healthChecks) : undefined;
}

function withRules(healthChecks: unknown): Application {
  // Of the source nothing is asked, but an Application without one is none.
  const spec = { source: { repoURL: 'https://git.example.com/rules.git' }, healthChecks };
  return { apiVersion: `${group}/${version}`, kind, metadata: { name: 'rules' }, spec } as unknown as Application;
}

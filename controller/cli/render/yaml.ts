import { stringify } from 'yaml';

/**
 * YAML that kubectl reads as what it was: in quotes what YAML 1.1 would take for something else (`yes`, `0777`, `12:30`),
 * without aliases, and no line folded.
 */
export function yaml(value: unknown): string {
  return stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}

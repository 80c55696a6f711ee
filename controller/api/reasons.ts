/**
 * Reasons of conditions and Events. They are part of the contract: alerts and scripts match on them, and
 * docs/reference/reasons.md lists every one (a test compares the page with this file).
 */
export const Reason = {} as const;

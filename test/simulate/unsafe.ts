/** A rule that users rely on was broken. */
export class Unsafe extends Error {}

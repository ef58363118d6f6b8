/** What must not happen, as opposed to what the system or the package refuses. */
export class Fault extends Error {}

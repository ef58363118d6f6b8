import { processWide } from "./process-wide";

/*
 * An interrupt ends code in the middle, and no `finally` of it runs: what was set for the length of a call stays set. Our kernel calls these
 * before each cell: `globalThis[Symbol.for("socket-workshop.afresh")]`.
 */
const resets = processWide("afresh", () => [] as (() => void)[]);

/** Has `reset` put back, before the next cell, what only code in progress may have set. */
export function afresh(reset: () => void): void {
  resets.push(reset);
}

import type { Ahead } from "./ahead";

/** What a start-up snapshot holds: `globalThis[SNAPSHOT]` in a process that has started from one. */
export interface Contents {
  /** What each file was like from which it was made (watching.ts). */
  stamps: [path: string, stamp: string][];
  /** The folder whose `@types` packages belong to its program. */
  types: string;
  /** The files that are compiled and not run. */
  ahead: Record<string, Ahead>;
  /** Ends the building: gives the modules in it, and lets them load others as Node does. */
  use(): Record<string, NodeJS.Module>;
}

export const SNAPSHOT: unique symbol = Symbol.for("socket-workshop.snapshot") as never;

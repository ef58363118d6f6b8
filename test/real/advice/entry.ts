import { expect } from "vitest";

/** One situation in which sentences are said, made with real sockets. */
export interface Entry {
  /** The names of the sentences, as the catalogues have them: "connect ECONNREFUSED unix", "bindAgain". */
  readonly says: readonly string[];
  /**
   * Makes the situation, and holds every sentence against the system: the advice is followed and works, or what is said to be so is so.
   *
   * @returns everything that was said
   */
  readonly make: () => unknown;
}

/** Waits until something is so; it is the test's own time limit that ends it. */
export async function until(so: () => unknown): Promise<void> {
  while (!(await so())) await new Promise((wake) => setTimeout(wake, 2));
}

/** What the learner read. Fails when a sentence of the entry is not in it. */
export function mustContain(said: string, sentences: ReadonlyMap<string, RegExp>): void {
  const flat = said.replace(/\s+/g, " ");
  for (const [name, pattern] of sentences) expect(flat, name).toMatch(pattern);
}

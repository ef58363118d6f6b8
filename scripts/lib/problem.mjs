import { causeOf } from "./cause.mjs";

/** Something is missing on this machine: the message says what, and how to get it. */
export class Problem extends Error {
  /** What kind of cause it has, where that is known. @type {import("./cause.mjs").Kind | undefined} */
  kind;

  /** @param {string} message @param {import("./cause.mjs").Kind} [kind] */
  constructor(message, kind) {
    super(message);
    this.kind = kind;
  }
}

/** Ends a message about something that was broken off. */
export const AGAIN = "Then run the same command again: what was not finished is done anew.";

/**
 * What the system refused to the scripts themselves, such as a file that cannot be written, as a Problem.
 * @param {unknown} error
 */
function asProblem(error) {
  if (error instanceof Problem) return error;
  // An error of the system names its call; all others are faults of the scripts.
  if (!(error instanceof Error && "syscall" in error)) return undefined;
  const cause = causeOf({ output: error.message });
  return cause && new Problem(`The set-up broke off: ${cause.sentence} ${AGAIN}`, cause.kind);
}

/**
 * Runs a command's main function. A Problem is printed as its message and ends with status 1;
 * any other error is a fault of the scripts and keeps its stack.
 * @param {() => Promise<number>} main gives the exit status
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    const problem = asProblem(error);
    if (!problem) throw error;
    console.error(`✗ ${problem.message}`);
    process.exitCode = 1;
  }
}

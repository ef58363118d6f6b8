/** Something is missing on this machine: the message is one sentence that says what, and how to get it. */
export class Problem extends Error {}

/**
 * Runs a command's main function. A Problem is printed as its sentence and ends with status 1;
 * any other error is a fault of the scripts and keeps its stack.
 * @param {() => Promise<number>} main gives the exit status
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`✗ ${error.message}`);
    process.exitCode = 1;
  }
}

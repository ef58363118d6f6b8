import { STRAY } from "../notebooks/running.js";
import { faultOf } from "../support/bad-values.js";
import type { Kernel } from "../support/jupyter/index.js";
import type { NotebookCell } from "../support/notebooks.js";
import { PATIENCE_MS } from "../support/time.js";
import type { Random } from "./random.js";

/** A cell that waits for what cannot come any more is interrupted after so many milliseconds, as a learner would do. */
const PATIENT = 1_500;
/** What a cell may fail with that was run before its time: an error of ours, or of the kernel about a name that is not there yet. */
const MAY_FAIL_WITH =
  /^(SocketError|ClosedError|TimeoutError|InterruptedError|BusyError|EndError|ProcessError|TypeScriptError|ReferenceError|TypeError|RangeError|Interrupted)$/;

/** The cells in another order, with some of them left out and some twice. */
export function inChanceOrder<T>(cells: readonly T[], random: Random): T[] {
  return cells.map(() => random.pick(cells));
}

/**
 * A learner jumps about in a notebook: cells may fail then, with a clear error, but nothing may break.
 *
 * @returns what was wrong, each with the cell
 */
export async function jumpAbout(kernel: Kernel, cells: readonly NotebookCell[], random: Random): Promise<string[]> {
  const faults: string[] = [];
  const ran: string[] = [];
  for (const { id, source } of inChanceOrder(cells, random)) {
    ran.push(id);
    const done = kernel.submit(source, { stopOnError: false });
    const over = kernel.finish(done, PATIENCE_MS);
    // Node loses a signal that comes just at the end of a cell's synchronous part: who sees that the cell goes on interrupts it once more.
    for (let waited = 0; !done.finished && waited < PATIENCE_MS; waited += PATIENT) {
      if (waited > 0) kernel.interrupt();
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, PATIENT))]);
    }
    await over.catch((error: Error) => {
      throw new Error(`seed ${random.seed}: ${error.message}`, { cause: error });
    });
    const fault = (what: string): void =>
      void faults.push(`${what}\nseed ${random.seed}, after ${ran.join(" ")}\n${source}`);
    if (done.status !== "ok" && done.status !== "error") fault(`the cell is ${done.status}`);
    if (STRAY.test(done.stderr)) fault(done.stderr);
    for (const { ename, evalue } of done.errors) {
      // What a cell does with a value of its own that is not there yet is told by JavaScript.
      const isOfCell = ename === "TypeError" || ename === "ReferenceError";
      const words = isOfCell ? undefined : faultOf(new Error(evalue.replaceAll("\n", " ")));
      if (!MAY_FAIL_WITH.test(ename) || words !== undefined) fault(`${ename}: ${evalue}`);
    }
  }
  return faults;
}

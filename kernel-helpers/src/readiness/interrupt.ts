import { cellRun, currentCell, insideKernel, processWide } from "../cells";
import { reactor } from "./reactor";

/**
 * Inside a kernel, an interrupt (SIGINT) ends the waits of the running cell. Waits of earlier cells and of background servers go on; no
 * data is lost, because a wait takes nothing before it ends. In a plain program SIGINT is left alone.
 */
export function listenForInterrupts(): void {
  if (!insideKernel()) return;
  processWide("interrupts", () => {
    // Not while a cell runs its synchronous part: Node would put SIGINT's default action, the end of the process, back after it.
    setImmediate(() => process.on("SIGINT", endWaitsOfTheRunningCell));
    return true;
  });
}

function endWaitsOfTheRunningCell(): void {
  if (currentCell()?.running === false) return;
  const run = cellRun();
  for (const waiter of reactor().pending()) {
    if (!waiter.background && waiter.run === run) waiter.interrupt();
  }
}

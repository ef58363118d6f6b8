import { cellRun, currentCell, insideKernel, processWide } from "../cells";
import { reactor } from "./reactor";
import { stop } from "./stopped";
import { putOff } from "./turn";

/**
 * Inside a kernel, an interrupt (SIGINT) ends the waits of the running cell, and its loops of calls that never wait. Waits of earlier cells
 * and of background servers go on; no data is lost, because a wait takes nothing before it ends. In a plain program SIGINT is left alone.
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
  let told = false;
  for (const waiter of reactor().pending()) {
    if (!waiter.background && waiter.run === run) told = waiter.interrupt() || told;
  }
  // The stock kernel does not tell who calls: there only a loop that never waits is sure to be the cell's own.
  if (currentCell() !== undefined || putOff() > 0) stop(run, told);
}

/** What the kernel's launcher tells of the cell that was started last. */
export interface Cell {
  /** Its execution count. */
  count: number;
  running: boolean;
}

const CELL = Symbol.for("socket-workshop.cell");

/** True inside a tslab kernel, our own or the stock one. */
export function insideKernel(): boolean {
  return "__tslab__" in globalThis;
}

/** The cell that was started last; undefined outside our kernel. */
export function currentCell(): Cell | undefined {
  return (globalThis as unknown as Record<symbol, Cell | undefined>)[CELL];
}

/**
 * Something that changes with every run of a cell. tslab gives `process.stdout` a new `write` for each, which holds on the stock
 * kernel too.
 */
export function cellRun(): unknown {
  return process.stdout.write;
}

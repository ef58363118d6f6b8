/** What the kernel's launcher tells of the cell that was started last. */
export interface Cell {
  /** Its execution count. */
  count: number;
  running: boolean;
  run: unknown;
  startedBy(): unknown;
  within<T>(run: unknown, action: () => T): T;
  /** Does something as a run of its own, whose output is that of the same cell. */
  apart?<T>(action: () => T): T;
  beforeEnd(action: () => void): boolean;
  /** Calls `action` after code was ended from outside: what was due in its turn of the event loop, between these times, is lost. */
  afterLoss?(action: (since: number, until: number) => void): void;
  display(data: Readonly<Record<string, string>>, id?: string, update?: boolean): void;
  /** Whether a call stands in the cell's own course: in no function, where leaving out an `await` leads nowhere, and in no loop. */
  standsAlone?(where: string): boolean;
  /** Has an error say that it comes from that call. */
  tellPlace?(error: object, where: string): void;
}

const CELL = Symbol.for("socket-workshop.cell");

/** True inside a tslab kernel, our own or the stock one. */
export function insideKernel(): boolean {
  return "__tslab__" in globalThis;
}

/** One object for all cells, which our kernel has made before a cell can load this. */
const current = (globalThis as unknown as Record<symbol, Cell | undefined>)[CELL];

/** The cell that was started last; undefined outside our kernel. */
export function currentCell(): Cell | undefined {
  return current;
}

/**
 * Something that changes with every run of a cell. The stock kernel does not tell, but gives `process.stdout` a new `write` for each.
 */
export function cellRun(): unknown {
  return currentCell()?.run ?? process.stdout.write;
}

/**
 * The run of the cell that has started the code in progress: what an earlier cell has left in the background stays its own, whatever cell
 * runs meanwhile. The stock kernel does not tell: there it is the cell that runs.
 */
export function startedBy(): unknown {
  return currentCell()?.startedBy() ?? cellRun();
}

/**
 * Does something as the code of a run does it: what it prints belongs to that one's cell. For what other code does on its behalf: a wait is
 * ended by the message of a thread, by a timer, by another cell. The stock kernel shows everything in the cell that runs.
 */
export function within<T>(run: unknown, action: () => T): T {
  return current === undefined || run === current.startedBy() ? action() : current.within(run, action);
}

/** The run that has started each that goes on apart. */
const starters = new WeakMap<object, unknown>();

/**
 * Does something that goes on in the background, whatever becomes of the run that has started it: a server outlives an interrupt of its own cell,
 * and its functions have other handles, and helpers, that wait.
 */
export function apart<T>(action: () => T): T {
  if (current?.apart === undefined) return action();
  const starter = startedBy();
  return current.apart(() => {
    starters.set(startedBy() as object, runOfCell(starter));
    return action();
  });
}

/** The run of a cell in whose place a run shows what it shows: itself, unless it goes on apart. */
export function runOfCell(run: unknown): unknown {
  return starters.get(run as object) ?? run;
}

/**
 * Whether a cell waits for what this run does: it is the run of the cell that runs. In a plain program everything is waited for. The stock
 * kernel does not tell when a cell has ended: there its last one runs until the next begins.
 */
export function isForeground(run: unknown): boolean {
  return run === cellRun() && currentCell()?.running !== false;
}

import { processWide } from "../cells";
import type { HandleFacts } from "./messages";

/** One of the notebook's other processes, as the rest of the handles sees it. */
export interface KnownProcess {
  readonly name: string;
  readonly pid: number;
  /** The network that it is in: see `networkOf`. */
  readonly network: string | undefined;
  /** Its open handles, oldest first. */
  openHandles(): readonly HandleFacts[];
  /** Has it look at the states of its TCP sockets, and tell what has changed. */
  look(): void;
  /** Ends it in good order. `how` says it in the line of its end: "has ended". */
  stop(how: string): Promise<void>;
  /** Ends it at once; its sockets are closed when this returns. */
  endNow(how: string): void;
}

const processes = processWide("other processes", () => new Map<string, KnownProcess>());

/** The other processes that this notebook has started and that run, oldest first. */
export function otherProcesses(): KnownProcess[] {
  return [...processes.values()];
}

export function processNamed(name: string): KnownProcess | undefined {
  return processes.get(name);
}

export function remember(process: KnownProcess): void {
  processes.set(process.name, process);
}

export function forgetProcess(process: KnownProcess): void {
  if (processes.get(process.name) === process) processes.delete(process.name);
}

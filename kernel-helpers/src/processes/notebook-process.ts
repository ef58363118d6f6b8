import { processWide } from "../cells";
import { findNeighboursBy, type Neighbour } from "../handles/neighbours";
import type { HandleFacts } from "./messages";

/** One of the notebook's other processes. */
export interface NotebookProcess extends Neighbour {
  openHandles(): readonly HandleFacts[];
  /** Has it look at the states of its TCP sockets, and tell what has changed. */
  look(): void;
  /** Ends it in good order. `how` says it in the line of its end: "has ended". */
  stop(how: string): Promise<void>;
}

const processes = processWide("other processes", () => new Map<string, NotebookProcess>());

findNeighboursBy(otherProcesses);

/** The other processes that this notebook has started and that run, oldest first. */
export function otherProcesses(): NotebookProcess[] {
  return [...processes.values()];
}

export function processNamed(name: string): NotebookProcess | undefined {
  return processes.get(name);
}

export function rememberProcess(process: NotebookProcess): void {
  processes.set(process.name, process);
}

export function forgetProcess(process: NotebookProcess): void {
  if (processes.get(process.name) === process) processes.delete(process.name);
}

import { processWide } from "../cells";
import type { HandleFacts } from "./messages";

const REMEMBERED = 1000;

/** A handle that was open when its process ended: the system closed it. */
export interface HandleAtEnd {
  readonly handle: string;
  readonly fd: number;
  readonly pid: number;
  /** In milliseconds on this process's clock. */
  readonly at: number;
  /** "was ended by SIGKILL" */
  readonly how: string;
}

const state = processWide("handles of ended processes", () => ({ ended: [] as HandleAtEnd[] }));

export function noteHandlesAtEnd(handles: readonly HandleFacts[], pid: number, how: string): void {
  const at = performance.now();
  const ended = handles.map(({ name, fd }) => ({ handle: name, fd, pid, at, how }));
  state.ended = [...state.ended, ...ended].slice(-REMEMBERED);
}

/** The handles that the end of their process has closed, oldest first. */
export function handlesAtEnd(): readonly HandleAtEnd[] {
  return state.ended;
}

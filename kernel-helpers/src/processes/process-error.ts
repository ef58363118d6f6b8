import { inspect } from "node:util";
import { block } from "../errors";

/** A call could not be made, or did not come to its end, because the other process has ended. Its sockets are closed: the system did that. */
export class ProcessError extends Error {
  /** What a program tells it by. */
  readonly code = "ERR_OTHER_PROCESS";

  /**
   * Makes the error: the helpers do it.
   *
   * @param call the call as the trace shows it, without its result
   * @param handle the lane: the handle's name, or the process's
   * @param happened what became of the process
   * @param advice what to run or change
   * @throws Errors: none
   */
  constructor(
    /** The call as the trace shows it, without its result. */
    readonly call: string,
    /** The lane: the handle's name, or the process's. */
    readonly handle: string,
    /** What became of the process: "process 4711 (rival) was ended by SIGKILL". */
    readonly happened: string,
    /** What to run. */
    readonly advice: string,
  ) {
    super(`${call} was not made or not finished: ${happened}. ${advice}`);
  }

  /** The name of this kind of error: "ProcessError". */
  override get name(): string {
    return "ProcessError";
  }

  /**
   * What the cell shows for the error: the call, what happened, and what to do.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    const why = `${this.happened[0]?.toUpperCase()}${this.happened.slice(1)}`;
    return block(`${this.call} was not made or not finished`, this.handle, [`${this.name}: ${why}. ${this.advice}`]);
  }
}

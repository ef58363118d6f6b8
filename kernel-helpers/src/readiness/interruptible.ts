import { startedBy } from "../cells";
import { reactor } from "./reactor";
import { Wait } from "./wait";

type Settle<T> = [resolve: (value: T) => void, reject: (reason: unknown) => void];

/**
 * A wait for something other than a descriptor, which ends as the waits of calls do: an interrupt of the cell ends it, and a plain program
 * stays alive for it.
 *
 * @param begin starts what will settle it (later, not at once), and returns what ends that
 * @param interrupted makes the error of an interrupt
 * @param run the run of the cell that it belongs to
 */
export function interruptible<T>(
  begin: (...settle: Settle<T>) => () => void,
  interrupted: () => Error,
  run: unknown = startedBy(),
): Wait<T> {
  return new Wait<T>((resolve, reject) => {
    const over = (settle: () => void): void => {
      stop();
      reactor().ended(waiter);
      settle();
    };
    const fail = (error: unknown): void => over(() => reject(error));
    const waiter = {
      run,
      background: false,
      fail,
      interrupt: () => {
        fail(interrupted());
        return true;
      },
      close: () => {},
      advance: () => false,
    };
    reactor().began(waiter);
    const stop = begin((value) => over(() => resolve(value)), fail);
  });
}

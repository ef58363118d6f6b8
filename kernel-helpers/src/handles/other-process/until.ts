import { cellRun, reactor } from "../../readiness";

/** What else can end a wait. */
interface Otherwise {
  milliseconds: number;
  /** Makes the error when it takes longer than that. */
  tooLate: () => Error;
  interrupted: () => Error;
}

/** Waits for a beginning or an end of a process as calls wait: an interrupt of the cell ends it, and a plain program stays alive for it. */
export function until(event: Promise<unknown>, { milliseconds, tooLate, interrupted }: Otherwise): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (action: () => void): void => {
      clearTimeout(timer);
      reactor().ended(waiter);
      action();
    };
    const fail = (error: unknown): void => finish(() => reject(error));
    const waiter = {
      run: cellRun(),
      background: false,
      fail,
      interrupt: () => fail(interrupted()),
      close: () => {},
      advance: () => false,
    };
    const timer = setTimeout(() => fail(tooLate()), milliseconds).unref();
    reactor().began(waiter);
    event.then(() => finish(resolve), fail);
  });
}

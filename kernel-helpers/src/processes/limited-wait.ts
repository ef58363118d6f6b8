import { interruptible } from "../readiness";

/** What else can end a wait. */
interface Otherwise {
  milliseconds: number;
  /** Makes the error when it takes longer than that. */
  tooLate: () => Error;
  interrupted: () => Error;
}

/** Waits for a beginning or an end of a process as calls wait. */
export function waitAtMost(event: Promise<unknown>, { milliseconds, tooLate, interrupted }: Otherwise): Promise<void> {
  return interruptible<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate()), milliseconds).unref();
    event.then(() => resolve(), reject);
    return () => clearTimeout(timer);
  }, interrupted);
}

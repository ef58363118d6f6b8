import { type Call, check, perform } from "../libc";

/** A call that was made, and minus its errno or what it returned. */
export interface Done<C extends Call = Call> {
  readonly call: C;
  readonly result: number;
}

/** Makes the call and gives it back with its result; an errno is not thrown, so that a waiting caller pays nothing for EAGAIN. */
export function make<C extends Call>(call: C, invoke: (call: C) => number): Done<C> {
  return { call, result: perform(call, () => invoke(call)) };
}

/**
 * @returns the call's result
 * @throws SocketError when the call failed
 */
export function succeed<C extends Call>(done: Done<C>): number {
  return check(done.call, done.result);
}

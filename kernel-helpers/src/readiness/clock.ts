/**
 * When this thread's `performance.now()` was 0, in milliseconds on the clock that all threads and processes of the machine share. (The
 * difference of two `performance.timeOrigin` would be wrong after the machine's date was set, or after it had slept.)
 */
export function clockOrigin(): number {
  // No two clocks are read at once: a busy machine can do something else for milliseconds between the two. The later origin is the truer one.
  let origin = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 10; i++) origin = Math.max(origin, sharedClock() - performance.now());
  return origin;
}

/** That clock now, in milliseconds. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

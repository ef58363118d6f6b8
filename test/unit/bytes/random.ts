/** Numbers that look random and are the same on every run: a linear congruential generator (its low bits are thrown away). */
export function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}

/** `length` bytes from such a generator. */
export function randomBytes(next: (limit: number) => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => next(256));
}

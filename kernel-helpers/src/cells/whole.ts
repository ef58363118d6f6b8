/*
 * An interrupt ends the synchronous part of a cell wherever its JavaScript just is, and no `finally` of it runs. What makes system calls and
 * then its book-keeping is not to be ended between the two: a socket would stay open that nobody can close. So it says where it begins and
 * ends, and our kernel lets an interrupt wait so long, half a second at most; best is the beginning of such a section, because what the one
 * before it has returned is kept by then.
 */

/** What our kernel offers: `globalThis[Symbol.for("socket-workshop.sections")]`. */
interface Sections {
  /** Begins a section; `leave` is to follow, in a `finally`. One can be inside another. */
  enter(): void;
  leave(): void;
  /** A signal has interrupted a system call of the section (EINTR): if it was an interrupt of the cell, that ends behind the section. */
  interrupted(): void;
}

/** For code that is called so often that a function for it would cost too much. Undefined in other processes, and in other kernels. */
export const sections = (globalThis as unknown as Record<symbol, Sections | undefined>)[
  Symbol.for("socket-workshop.sections")
];

/** Does something that an interrupt does not end in the middle. */
export function whole<T>(action: () => T): T {
  sections?.enter();
  try {
    return action();
  } finally {
    sections?.leave();
  }
}

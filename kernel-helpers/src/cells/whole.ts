/*
 * An interrupt ends the synchronous part of a cell wherever its JavaScript just is, and no `finally` of it runs. What makes system calls and
 * then its book-keeping is not to be ended between the two: a socket would stay open that nobody can close. So it says where it begins and
 * ends, and our kernel lets an interrupt wait so long, half a second at most; best is the beginning of such a section, because what the one
 * before it has returned is kept by then. In other processes, and in other kernels, these do nothing.
 */

/** What our kernel offers: `globalThis[Symbol.for("socket-workshop.sections")]`. */
interface Sections {
  enter(): void;
  enterAnyway(): void;
  leave(): void;
  interrupted(): void;
}

const sections = (globalThis as unknown as Record<symbol, Sections | undefined>)[
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

/** The beginning of such a section, for code that is called so often that a function for it would cost too much. `leaveWhole` is to follow, in a `finally`. */
export function enterWhole(): void {
  sections?.enter();
}

/** Its end. */
export function leaveWhole(): void {
  sections?.leave();
}

/** A signal has interrupted a system call (EINTR) of this section: if it was an interrupt of the cell, that ends behind it. */
export function signalCame(): void {
  sections?.interrupted();
}

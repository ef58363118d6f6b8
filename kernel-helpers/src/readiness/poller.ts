/** Which way a wait looks: for data (or a connection, or the end) to arrive, or for room to send. */
export type Direction = "in" | "out";

/**
 * Called on the main thread with each registration that became ready: its key, the direction or directions, and when the waiting thread's
 * system call returned, in milliseconds on the main thread's clock.
 */
export type OnReady = (key: number, ready: Ready, at: number) => void;

/** In which direction a descriptor is ready. `apart`: there is something that comes in a receive of its own: the end,
 * an error, or what follows urgent data (which only a watch that was asked for it tells). */
export interface Ready {
  in: boolean;
  out: boolean;
  apart?: boolean;
}

/**
 * Watches descriptors and tells the main thread when one is ready: once for each time that something comes, or only once until it is armed again.
 *
 * There are two: epoll(7) on Linux, poll(2) elsewhere. Both were measured on Linux; poll looks at every descriptor each time.
 */
export interface Poller {
  /**
   * Asks to be told when `fd` is ready in one of the directions. Replaces what was asked for it before.
   *
   * @param again the last try that was told of was in vain, or none was made: it is to be told too what is there already
   */
  arm(fd: number, key: number, directions: Ready, again: boolean): void;
  /** Whether it tells of all that comes from now on for whoever receives on `fd`: once the system has said that nothing is there, nothing is to be armed. */
  watches(fd: number, key: number): boolean;
  /** Tells nothing of `fd` any more until it is armed again: nobody waits for it. */
  quiet(fd: number, key: number): void;
  /** Has a wait looked after for which nothing is armed yet. Returns what ends that, and tells when it was found ready, if it was. */
  lookAfter(fd: number, direction: Direction): () => number | undefined;
  /** Forgets `fd`, if it was last armed with this key. Must come before its close(2): without it, re-binding right after close failed 66 times in 300,000. */
  disarm(fd: number, key: number): void;
  /** Returns when the thread has started: out of descriptors, it could not. */
  started(): void;
  /** Keeps the process alive while waits are pending, or not. */
  ref(alive: boolean): void;
  /** The thread's number, for tests. */
  readonly thread: number;
}

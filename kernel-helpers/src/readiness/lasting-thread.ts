import type { Direction } from "./poller";
import type { WatchThread } from "./thread";

/** A thread that is started anew when it is needed and has ended. */
export class LastingThread {
  private thread: WatchThread;
  private keepsAlive = false;

  constructor(private readonly start: () => WatchThread) {
    this.thread = start();
  }

  get id(): number {
    return this.thread.id;
  }

  /** Starts it anew if it has ended. */
  revive(): void {
    if (this.thread.alive) return;
    this.thread = this.start();
    this.thread.ref(this.keepsAlive);
  }

  /** Returns when it has started. */
  started(): void {
    this.thread.started();
  }

  post(message: object): void {
    this.thread.post(message);
  }

  /** See Poller. */
  lookAfter(fd: number, direction: Direction): () => number | undefined {
    return this.thread.lookAfter(fd, direction);
  }

  /** Keeps the process alive, or not; a thread that is started later does as this one. */
  ref(alive: boolean): void {
    this.keepsAlive = alive;
    this.thread.ref(alive);
  }
}

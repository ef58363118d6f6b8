import { keep, socketpair, wakeBySocket } from "../calls";
import { constants } from "../facts";
import { LastingThread } from "./lasting-thread";
import type { Direction, OnReady, Poller } from "./poller";
import { startThread } from "./thread";

/** What the thread is told: watch this descriptor, or (without events) forget it. */
export interface PollOrder {
  fd: number;
  key: number;
  events: number;
}

/**
 * One thread in poll(2), for systems without epoll. The thread is woken through a socket pair for every change of the list.
 *
 * It is run by the tests on Linux; on macOS it has not been run.
 */
export class PollPoller implements Poller {
  private readonly wakeUp = socketpair(constants.AF_UNIX, constants.SOCK_STREAM).map(keep) as [number, number];
  /** Which registration each descriptor is watched for. */
  private readonly watched = new Map<number, number>();
  private readonly watcher: LastingThread;

  constructor(onReady: OnReady, onDeath: (why: Error) => void) {
    const { POLLIN, POLLOUT, POLLHUP, POLLERR, POLLNVAL } = constants;
    this.watcher = new LastingThread(() =>
      startThread({ kind: "poll", wakeFd: this.wakeUp[0] }, () => this.wake(), {
        ready: (key, events, at) => {
          const both = (events & (POLLHUP | POLLERR | POLLNVAL)) !== 0;
          onReady(key, { in: both || (events & POLLIN) !== 0, out: both || (events & POLLOUT) !== 0 }, at);
        },
        died: onDeath,
      }),
    );
  }

  get thread(): number {
    return this.watcher.id;
  }

  arm(fd: number, key: number, directions: { in: boolean; out: boolean }): void {
    this.watcher.revive();
    const events = (directions.in ? constants.POLLIN : 0) | (directions.out ? constants.POLLOUT : 0);
    this.watched.set(fd, key);
    this.order({ fd, key, events });
  }

  /** It tells once, and then no more. */
  watches(): boolean {
    return false;
  }

  quiet(): void {}

  disarm(fd: number, key: number): void {
    // Another key: the descriptor was closed behind our back, and its number belongs to another registration now.
    if (this.watched.get(fd) !== key) return;
    this.watched.delete(fd);
    this.order({ fd, key: 0, events: 0 });
  }

  lookAfter(fd: number, direction: Direction): () => number | undefined {
    return this.watcher.lookAfter(fd, direction);
  }

  started(): void {
    this.watcher.started();
  }

  ref(alive: boolean): void {
    this.watcher.ref(alive);
  }

  private order(order: PollOrder): void {
    this.watcher.post(order);
    this.wake();
  }

  private wake(): void {
    wakeBySocket(this.wakeUp[1]);
  }
}

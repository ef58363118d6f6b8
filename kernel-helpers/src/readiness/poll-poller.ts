import { socketpair } from "../calls";
import { constants } from "../facts";
import { libc } from "../libc";
import type { OnReady, Poller } from "./poller";
import { startThread, type WatchThread } from "./thread";

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
  private readonly wakeUp = socketpair(constants.AF_UNIX, constants.SOCK_STREAM);
  private readonly watched = new Set<number>();
  private watcher: WatchThread;
  private readonly restart: () => void;

  constructor(onReady: OnReady, onDeath: (why: Error) => void) {
    const { POLLIN, POLLOUT, POLLHUP, POLLERR, POLLNVAL } = constants;
    const start = () =>
      startThread({ kind: "poll", wakeFd: this.wakeUp[0] }, () => this.wake(), {
        ready: (key, events) => {
          const both = (events & (POLLHUP | POLLERR | POLLNVAL)) !== 0;
          onReady(key, { in: both || (events & POLLIN) !== 0, out: both || (events & POLLOUT) !== 0 });
        },
        died: onDeath,
      });
    this.watcher = start();
    this.restart = () => {
      this.watcher = start();
    };
  }

  get thread(): number {
    return this.watcher.id;
  }

  arm(fd: number, key: number, directions: { in: boolean; out: boolean }): void {
    if (!this.watcher.alive) this.restart();
    const events = (directions.in ? constants.POLLIN : 0) | (directions.out ? constants.POLLOUT : 0);
    this.watched.add(fd);
    this.order({ fd, key, events });
  }

  disarm(fd: number): void {
    if (this.watched.delete(fd)) this.order({ fd, key: 0, events: 0 });
  }

  ref(alive: boolean): void {
    this.watcher.ref(alive);
  }

  private order(order: PollOrder): void {
    this.watcher.post(order);
    this.wake();
  }

  private wake(): void {
    libc.send(this.wakeUp[1], Buffer.from([1]), 1, constants.MSG_NOSIGNAL | constants.MSG_DONTWAIT);
  }
}

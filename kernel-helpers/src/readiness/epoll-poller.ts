import { epoll_create1, epoll_ctl, eventfd } from "../calls";
import { constants } from "../facts";
import { libc } from "../libc";
import type { OnReady, Poller } from "./poller";
import { startThread, type WatchThread } from "./thread";

/** The key of the eventfd that ends the thread. Registrations count from 1. */
export const STOP_KEY = 0;

/**
 * One epoll set, one thread in epoll_wait.
 *
 * epoll_ctl is called from the main thread while the other one waits: the system takes new registrations without a wake-up.
 */
export class EpollPoller implements Poller {
  private readonly epfd = epoll_create1();
  private readonly stop = eventfd();
  private readonly added = new Set<number>();
  private watcher: WatchThread;

  constructor(onReady: OnReady, onDeath: (why: Error) => void) {
    epoll_ctl(this.epfd, constants.EPOLL_CTL_ADD, this.stop, { events: constants.EPOLLIN, data: STOP_KEY });
    const { EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP } = constants;
    const start = () =>
      startThread({ kind: "epoll", epfd: this.epfd }, () => this.wake(), {
        ready: (key, events) => {
          // A hang-up or an error ends waits in both directions: the call that is tried then says which.
          const both = (events & (EPOLLHUP | EPOLLERR)) !== 0;
          onReady(key, {
            in: both || (events & (EPOLLIN | EPOLLRDHUP)) !== 0,
            out: both || (events & EPOLLOUT) !== 0,
          });
        },
        died: onDeath,
      });
    this.watcher = start();
    this.restart = () => {
      this.watcher = start();
    };
  }

  private readonly restart: () => void;

  get thread(): number {
    return this.watcher.id;
  }

  arm(fd: number, key: number, directions: { in: boolean; out: boolean }): void {
    if (!this.watcher.alive) this.restart();
    const events =
      (constants.EPOLLONESHOT |
        (directions.in ? constants.EPOLLIN | constants.EPOLLRDHUP : 0) |
        (directions.out ? constants.EPOLLOUT : 0)) >>>
      0;
    const op = this.added.has(fd) ? constants.EPOLL_CTL_MOD : constants.EPOLL_CTL_ADD;
    epoll_ctl(this.epfd, op, fd, { events, data: key });
    this.added.add(fd);
  }

  disarm(fd: number): void {
    if (!this.added.delete(fd)) return;
    try {
      epoll_ctl(this.epfd, constants.EPOLL_CTL_DEL, fd);
    } catch {
      // Closed behind our back: the system has forgotten it already.
    }
  }

  ref(alive: boolean): void {
    this.watcher.ref(alive);
  }

  private wake(): void {
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    libc.write(this.stop, one, 8);
  }
}

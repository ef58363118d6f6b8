import { epoll_create1, epoll_ctl, eventfd, keep, wakeByEventfd } from "../calls";
import type { SocketError } from "../errors";
import { constants } from "../facts";
import { LastingThread } from "./lasting-thread";
import type { Direction, OnReady, Poller } from "./poller";
import { startThread } from "./thread";

/** The key of the eventfd that wakes the thread. Registrations count from 1. */
export const STOP_KEY = 0;

const { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLRDHUP } = constants;
/** Edge-triggered: every write to the eventfd wakes the thread once, and nobody reads it. */
const WAKES = (EPOLLIN | EPOLLET) >>> 0;
const { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } = constants;

/**
 * One epoll set, one thread in epoll_wait.
 *
 * epoll_ctl is called from the main thread while the other one waits: the system takes new registrations without a wake-up.
 */
export class EpollPoller implements Poller {
  private epfd = -1;
  private stop = -1;
  /** Which registration each descriptor was added for. */
  private readonly added = new Map<number, number>();
  private readonly watcher: LastingThread;

  constructor(
    private readonly onReady: OnReady,
    onDeath: (why: Error) => void,
  ) {
    this.watcher = new LastingThread(() => {
      if (!this.intact()) this.open();
      return startThread({ kind: "epoll", epfd: this.epfd }, () => this.wake(), {
        ready: (key, events, at) => this.tell(key, events, at),
        died: onDeath,
      });
    });
  }

  get thread(): number {
    return this.watcher.id;
  }

  arm(fd: number, key: number, directions: { in: boolean; out: boolean }): void {
    this.watcher.revive();
    const events = (EPOLLONESHOT | (directions.in ? EPOLLIN | EPOLLRDHUP : 0) | (directions.out ? EPOLLOUT : 0)) >>> 0;
    if (!this.added.has(fd) || !this.modify(fd, key, events)) {
      epoll_ctl(this.epfd, EPOLL_CTL_ADD, fd, { events, data: key });
    }
    this.added.set(fd, key);
  }

  disarm(fd: number, key: number): void {
    // Another key: the descriptor was closed behind our back, and its number belongs to another registration now.
    if (this.added.get(fd) !== key) return;
    this.added.delete(fd);
    try {
      epoll_ctl(this.epfd, EPOLL_CTL_DEL, fd);
    } catch {
      // Closed behind our back: the system has forgotten it already.
    }
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

  /** @returns false when the descriptor that had this number was closed behind our back, and the system has forgotten it */
  private modify(fd: number, key: number, events: number): boolean {
    try {
      epoll_ctl(this.epfd, EPOLL_CTL_MOD, fd, { events, data: key });
      return true;
    } catch (error) {
      if ((error as SocketError).code === "ENOENT") return false;
      throw error;
    }
  }

  private tell(key: number, events: number, at: number): void {
    // A hang-up or an error ends waits in both directions: the call that is tried then says which.
    const both = (events & (EPOLLHUP | EPOLLERR)) !== 0;
    const ready = { in: both || (events & (EPOLLIN | EPOLLRDHUP)) !== 0, out: both || (events & EPOLLOUT) !== 0 };
    this.onReady(key, ready, at);
  }

  private open(): void {
    this.added.clear();
    this.epfd = keep(epoll_create1());
    this.stop = keep(eventfd());
    epoll_ctl(this.epfd, EPOLL_CTL_ADD, this.stop, { events: WAKES, data: STOP_KEY });
  }

  /** The thread can have ended because somebody closed its epoll set. */
  private intact(): boolean {
    if (this.epfd < 0) return false;
    try {
      epoll_ctl(this.epfd, EPOLL_CTL_MOD, this.stop, { events: WAKES, data: STOP_KEY });
      return true;
    } catch {
      return false;
    }
  }

  private wake(): void {
    wakeByEventfd(this.stop);
  }
}

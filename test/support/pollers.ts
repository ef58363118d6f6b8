import { trace } from "kernel-helpers";
import { Reactor } from "kernel-helpers/dist/readiness/index.js";
import { afterAll, beforeAll } from "vitest";

export type PollerKind = "epoll" | "poll";

/** Both ways to wait: epoll(7), and poll(2), which systems without epoll use. */
export const POLLERS: readonly PollerKind[] = ["epoll", "poll"];

const KEY = Symbol.for("socket-workshop.reactor");
const holder = globalThis as unknown as Record<symbol, Reactor | undefined>;
const made = new Map<PollerKind, Reactor>();

/** Within the block that calls it, handles wait with this poller. */
export function waitWith(kind: PollerKind): void {
  let before: Reactor | undefined;
  beforeAll(() => {
    before = holder[KEY];
    trace.off();
    if (!made.has(kind)) made.set(kind, new Reactor(kind));
    holder[KEY] = made.get(kind);
  });
  afterAll(() => {
    holder[KEY] = before;
  });
}

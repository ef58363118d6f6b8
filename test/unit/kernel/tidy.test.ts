import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ownHeap, Tidying } from "../../../kernel-helpers/src/kernel/tidy.js";

// Those are the ones that vitest can turn forward.
vi.mock("node:timers", () => ({
  setTimeout: (...args: Parameters<typeof setTimeout>) => setTimeout(...args),
  clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
}));

const MB = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function tidying() {
  const state = { size: 50 * MB, busy: 0, isBusy: false, collected: 0 };
  const heap = {
    size: () => state.size,
    busy: () => state.busy,
    collect: () => {
      state.collected += 1;
      state.size = 50 * MB;
    },
  };
  return { state, tidying: new Tidying(() => state.isBusy, heap) };
}

test("what cells have left is collected when nobody has asked for anything for a while, and not before", () => {
  const { state, tidying: tidy } = tidying();
  tidy.asked();
  state.size = 100 * MB;
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(2000);
    tidy.asked();
  }
  expect(state.collected).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(2); // V8 gives back at the second what the first has freed.
  tidy.asked();
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(2);
});

test("nothing is collected that is not worth it", () => {
  const { state, tidying: tidy } = tidying();
  tidy.asked();
  state.size = 60 * MB;
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(0);
});

test("nothing is collected while a cell runs, nor between two that follow each other", () => {
  const { state, tidying: tidy } = tidying();
  tidy.asked();
  state.size = 100 * MB;
  state.isBusy = true;
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(0);
  state.isBusy = false;
  tidy.asked();
  vi.advanceTimersByTime(3000);
  expect(state.collected).toBe(1);
  state.isBusy = true;
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(1);
});

test("what goes on in the background is not held up; it is collected when that rests", () => {
  const { state, tidying: tidy } = tidying();
  tidy.asked();
  state.size = 100 * MB;
  state.busy = 0.5;
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(0);
  state.busy = 0;
  vi.advanceTimersByTime(60_000);
  expect(state.collected).toBe(2);
});

test("the heap of a process is collected, and nobody finds that function afterwards", async () => {
  vi.useRealTimers();
  const heap = ownHeap();
  let gone = false;
  const registry = new FinalizationRegistry(() => {
    gone = true;
  });
  (() => registry.register({ large: new Array(1000) }, 0))();
  for (let i = 0; i < 20 && !gone; i++) {
    heap.collect();
    await delay(10);
  }
  expect(gone).toBe(true);
  const { runInNewContext } = await import("node:vm");
  expect(runInNewContext("typeof gc")).toBe("undefined");
  expect(heap.busy()).toBeLessThanOrEqual(1);
  expect(heap.size()).toBeGreaterThan(MB);
});

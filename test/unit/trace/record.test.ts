import type { CallRecord } from "kernel-helpers/dist/calls/index.js";
import type { Step } from "kernel-helpers/dist/trace/index.js";
import {
  BYTES_KEPT,
  CALLS_KEPT,
  forget,
  keepBackstage,
  keepCall,
  keepNothing,
  keepStep,
  nextNumber,
  records,
  STEPS_KEPT,
  steps,
  takeBack,
} from "kernel-helpers/dist/trace/record.js";
import { beforeEach, expect, test } from "vitest";

beforeEach(forget);

let time = 0;
const record = (name: "close" | "poll" = "close"): CallRecord => {
  time += 1;
  const call = name === "close" ? ({ name, fd: 3 } as const) : ({ name, fds: [], count: 0, timeout: 0 } as const);
  return { call, result: 0, errno: 0, start: time, end: time };
};

/** Keeps a step with so many calls. */
function step(calls: number, name: "close" | "poll" = "close"): Step {
  const begun: Step = {
    id: nextNumber(),
    pid: 1,
    handle: "x",
    cell: undefined,
    name,
    fd: 3,
    calls: [],
    silent: false,
    start: time,
  };
  keepStep(begun);
  for (let i = 0; i < calls; i++) keepCall(begun, record(name));
  return begun;
}

test("keeps the newest steps, after a million of them too", () => {
  for (let i = 0; i < 1_000_000; i++) step(1);
  const kept = steps();
  expect(kept).toHaveLength(STEPS_KEPT);
  expect(kept.at(-1)!.id - kept[0]!.id).toBe(STEPS_KEPT - 1);
  expect(steps(2)).toEqual(kept.slice(-2));
  expect(steps(0)).toEqual([]);
  expect(records()).toHaveLength(STEPS_KEPT);
});

test("keeps at most so many calls of all steps", () => {
  for (let i = 0; i < 2000; i++) step(60);
  const calls = steps().reduce((sum, { calls }) => sum + calls.length, 0);
  expect(calls).toBeGreaterThan(CALLS_KEPT - 60);
  expect(calls).toBeLessThanOrEqual(CALLS_KEPT);
});

test("keeps at most so many bytes: fewer steps of calls that keep much", () => {
  for (let i = 0; i < 2 * STEPS_KEPT; i++) step(2, "poll");
  expect(steps().length).toBeLessThan(STEPS_KEPT);
  expect(steps().length).toBeGreaterThan(BYTES_KEPT / 8000);
});

test("of one step keeps the first 16 calls and the last 48, and how many are missing", () => {
  const { calls, leftOut } = step(1000);
  const times = calls.map(({ start }) => start - calls[0]!.start);
  expect(times).toEqual([...Array.from({ length: 16 }, (_, i) => i), ...Array.from({ length: 48 }, (_, i) => 952 + i)]);
  expect(leftOut).toBe(1000 - 64);
});

test("a step that waits longer than the record goes back keeps its own calls, and disturbs no other", () => {
  const waiting = step(1);
  for (let i = 0; i < STEPS_KEPT; i++) step(1);
  keepCall(waiting, record());
  expect(waiting.calls).toHaveLength(2);
  expect(steps()).not.toContain(waiting);
  expect(steps().every(({ calls }) => calls.length === 1)).toBe(true);
});

test("only the newest step is taken back, and its number is given again", () => {
  const [first, second] = [step(0), step(0)];
  takeBack(first);
  takeBack(second);
  expect(steps()).toEqual([first]);
  expect(step(0).id).toBe(second.id);
});

test("keeps the newest calls of the helpers, with those of the steps in order", () => {
  for (let i = 0; i < CALLS_KEPT + 10; i++) keepBackstage(record(), 7);
  step(1);
  expect(records(7)).toHaveLength(CALLS_KEPT);
  const starts = records().map(({ start }) => start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(records(1)).toHaveLength(1);
});

test("keeps fewer calls of the helpers when they take much", () => {
  for (let i = 0; i < 2 * CALLS_KEPT; i++) keepBackstage(record("poll"), 7);
  const kept = records(7);
  expect(kept.length).toBe(Math.floor(BYTES_KEPT / 3500));
  expect(kept.at(-1)!.start - kept[0]!.start).toBe(kept.length - 1);
});

// The last one: it holds for the rest of the process.
test("a process whose calls are told to another one keeps none of them", () => {
  step(1);
  keepNothing();
  for (let i = 0; i < 100; i++) step(3);
  keepBackstage(record(), 7);
  expect([steps(), records()]).toEqual([[], []]);
  expect(nextNumber()).toBeGreaterThan(100);
});

import type { CallRecord } from "kernel-helpers/dist/calls/index.js";
import type { Step } from "kernel-helpers/dist/trace/index.js";
import {
  BYTES_KEPT,
  CALLS_KEPT,
  keepCall,
  keepInParts,
  keepLone,
  keepStep,
  newStep,
  nextNumber,
  STEPS_KEPT,
  steps,
  takeBack,
} from "kernel-helpers/dist/trace/kept-steps.js";
import { forget, keepBackstage, keepNothing, records } from "kernel-helpers/dist/trace/record.js";
import { beforeEach, describe, expect, test } from "vitest";

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

test("whoever changes the calls of a step that was given out costs the record nothing", () => {
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < STEPS_KEPT; i++) step(1);
    for (const { calls } of steps()) calls.length = 0;
  }
  for (let i = 0; i < STEPS_KEPT; i++) step(1);
  expect(steps()).toHaveLength(STEPS_KEPT);
  expect(records()).toHaveLength(STEPS_KEPT);
});

test("a call that takes the place of a smaller one weighs what it weighs", () => {
  for (let i = 0; i < 1000; i++) {
    const long = step(64);
    for (let n = 0; n < 48; n++) keepCall(long, record("poll"));
  }
  const taken = steps().reduce(
    (sum, { calls }) => sum + calls.reduce((all, { call }) => all + (call.name === "poll" ? 3500 : 1000), 500),
    0,
  );
  expect(taken).toBeLessThanOrEqual(BYTES_KEPT);
});

test("only the newest step is taken back, and its number is given again", () => {
  const [first, second] = [step(0), step(0)];
  takeBack(first);
  takeBack(second);
  expect(steps()).toEqual([first]);
  expect(step(0).id).toBe(second.id);
});

/** A step of this process that is one call, as `endStep` leaves it. */
function ended(result: number, more: Partial<Step> = {}): Step {
  const begun = newStep(nextNumber(), process.pid, "client", 7, "close", 3, true, -1);
  keepStep(begun);
  const made = { ...record(), result, errno: result === -1 ? 9 : 0 };
  keepCall(begun, made);
  const outcome = result === -1 ? { error: "EBADF", errno: 9 } : { result };
  return Object.assign(
    begun,
    { start: made.start, end: made.end, outcome, local: "127.0.0.1:1", peer: "unix:x" },
    more,
  );
}

describe("a step that is one call lies in parts", () => {
  test("and is the same when it is asked for, each time", () => {
    const step = ended(5);
    const before = structuredClone(step);
    keepInParts(step);
    const [found] = steps();
    expect(found).not.toBe(step);
    expect(found).toStrictEqual(before);
    expect(Object.keys(found!)).toEqual(Object.keys(before));
    expect(steps()[0]).toBe(found);
    expect(records()[0]).toBe(found!.calls[0]);
  });

  test("unless something of it would be lost: then it stays as it is", () => {
    const whole: Partial<Step>[] = [
      { waitedFrom: 1 },
      { readyAt: 1 },
      { opened: "server→1" },
      { leftOut: 1 },
      { pid: 1 },
      { start: 0 },
      { end: 1e6 },
      { outcome: { result: 6 } },
      { outcome: { ended: "closed" } },
      { name: "shutdown" },
    ];
    const all = [...whole.map((more) => ended(5, more)), ended(-1), step(1), step(2), step(0)];
    for (const one of all) keepInParts(one);
    expect(steps()).toHaveLength(all.length);
    for (const [i, one] of steps().entries()) expect(one, `${i}`).toBe(all[i]);
  });

  test("and is whole again when one more call is made for it, also when somebody has asked for it meanwhile", () => {
    const step = ended(5);
    keepInParts(step);
    expect(steps()[0]).not.toBe(step);
    keepCall(step, record());
    expect(steps()).toEqual([step]);
    expect(records()).toHaveLength(2);
  });

  test("and is whole again when one more call is made for it", () => {
    const step = ended(5);
    keepInParts(step);
    keepCall(step, record());
    expect(steps()[0]).toBe(step);
    expect(records()).toEqual(step.calls);
    expect(step.calls).toHaveLength(2);
  });

  test("as a call on a number does, which has failed or not", () => {
    const [good, bad] = [record(), { ...record(), result: -1, errno: 9 }];
    keepLone(good, "calls", undefined, false);
    keepLone(bad, "calls", 3, true);
    const [first, second] = steps();
    const { start, end } = good;
    expect(first).toMatchObject({ handle: "calls", name: "close", calls: [good], start, end, outcome: { result: 0 } });
    expect(first).toMatchObject({ cell: undefined, fd: undefined, silent: false, pid: process.pid });
    expect(second).toMatchObject({ cell: 3, silent: true, calls: [bad], outcome: { error: "EBADF", errno: 9 } });
    expect(second!.id).toBe(first!.id + 1);
  });

  test("and the oldest go first, without a trace in the newer ones", () => {
    for (let i = 0; i < STEPS_KEPT; i++) keepInParts(ended(5));
    for (let i = 0; i < STEPS_KEPT; i++) keepLone(record(), "calls", undefined, false);
    expect(steps()).toHaveLength(STEPS_KEPT);
    expect(new Set(steps().map(({ handle, local, peer }) => `${handle} ${local} ${peer}`))).toEqual(
      new Set(["calls undefined undefined"]),
    );
    expect(records()).toHaveLength(STEPS_KEPT);
  });
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

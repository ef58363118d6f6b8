import { every } from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { runScript } from "../support/child.js";
import { duration, rejectionOf } from "../support/outcome.js";
import { SOON } from "../support/time.js";

test("does something so often, at equal intervals, with the count", async () => {
  const times: number[] = [];
  const start = performance.now();
  await every(10, 20, (n) => times.push(n, performance.now() - start));
  expect(times.filter((_, i) => i % 2 === 0)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  // The system's timers count whole milliseconds, so one can seem early by up to two; what is late does not make the next one late.
  for (let n = 0; n < 20; n++) expect(times[2 * n + 1]!).toBeGreaterThanOrEqual(10 * n - 2);
  expect(times.at(-1)!).toBeLessThan(190 + SOON);
});

test("the first time is after the delay, and what takes long is waited for", async () => {
  let running = 0;
  const ms = await duration(() =>
    every(
      5,
      4,
      async () => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
      },
      50,
    ),
  );
  expect(ms).toBeGreaterThanOrEqual(50 + 4 * 19);
});

test("0 times is nothing, 0 milliseconds is at once", async () => {
  await every(1000, 0, () => expect.unreachable());
  let count = 0;
  expect(await duration(() => every(0, 100, () => count++))).toBeLessThan(SOON);
  expect(count).toBe(100);
});

test("what the action throws ends it", async () => {
  let count = 0;
  const failing = every(1, 10, (n) => {
    count += 1;
    if (n === 2) throw new Error("third");
  });
  expect((await rejectionOf(failing)).message).toBe("third");
  expect(count).toBe(3);
});

describe("what is refused", () => {
  const nothing = (): void => {};
  test.each([
    [["20", 5, nothing], TypeError],
    [[-1, 5, nothing], RangeError],
    [[Number.NaN, 5, nothing], RangeError],
    [[Number.POSITIVE_INFINITY, 5, nothing], RangeError],
    [[20, 1.5, nothing], RangeError],
    [[20, -1, nothing], RangeError],
    [[20, "5", nothing], RangeError],
    [[20, 5, undefined], TypeError],
    [[20, 5, nothing, -5], RangeError],
  ])("%j", async (args, kind) => {
    expect(await rejectionOf(every(...(args as Parameters<typeof every>)))).toBeInstanceOf(kind);
  });
});

test("a plain program stays alive for it, and one that nobody awaits is never reported", async () => {
  const waits = await runScript(`await sockets.every(30, 3, (n) => console.log(n));`);
  expect(waits).toMatchObject({ stdout: "0\n1\n2\n", stderr: "", code: 0 });
  const fails = await runScript(
    `sockets.every(1, 1, () => { throw new Error("alone"); }); await sockets.every(20, 2, () => {});`,
  );
  expect(fails).toMatchObject({ stdout: "", stderr: "", code: 0 });
});

import { Wait } from "kernel-helpers/dist/readiness/index.js";
import { describe, expect, test } from "vitest";
import { turn } from "../../support/outcome.js";

describe("Wait", () => {
  test.each([
    ["await", async (wait: Wait<number>) => await wait],
    ["then", (wait: Wait<number>) => wait.then((value) => value)],
    ["catch", (wait: Wait<number>) => wait.catch(() => 0)],
    ["finally", (wait: Wait<number>) => wait.finally(() => {})],
    ["Promise.all", (wait: Wait<number>) => Promise.all([wait])],
    ["Promise.race", (wait: Wait<number>) => Promise.race([wait])],
    ["returning it from an async function", (wait: Wait<number>) => (async () => wait)()],
  ])("%s counts as awaiting it, each time", async (_, use) => {
    let awaited = 0;
    const wait = new Wait<number>((resolve) => setImmediate(() => resolve(5))).onAwait({
      awaited() {
        awaited += 1;
      },
    });
    await turn();
    expect(awaited).toBe(0);
    await use(wait);
    await use(wait);
    expect(awaited).toBe(2);
    expect(await wait).toBe(5);
  });

  test("a rejection without a listener is not unhandled; one behind it is the caller's affair", async () => {
    const seen: unknown[] = [];
    const note = (reason: unknown) => seen.push(reason);
    process.on("unhandledRejection", note);
    const quiet = new Wait((_, reject) => reject(new Error("quiet")));
    const early = Wait.reject(new Error("early"));
    const loud = new Wait((_, reject) => reject(new Error("loud")));
    loud.then(() => {});
    await turn();
    process.off("unhandledRejection", note);
    expect(seen.map(String)).toEqual(["Error: loud"]);
    await expect(quiet).rejects.toThrow("quiet");
    await expect(early).rejects.toThrow("early");
  });

  test("is a Promise, and what it leads to is an ordinary one", async () => {
    const wait = new Wait<number>((resolve) => resolve(1));
    expect(wait).toBeInstanceOf(Promise);
    expect(wait.then(() => 2)).not.toBeInstanceOf(Wait);
    expect(await Wait.resolve(3)).toBe(3);
  });
});

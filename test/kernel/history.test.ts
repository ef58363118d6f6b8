import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* The Jupyter messaging specification, "History". */

let kernel: Kernel;
const CODES = ["1 + 1", "'two'", "const three = 3;", "throw new Error('four')", "1 + 1"];
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  for (const code of CODES) await kernel.execute(code);
  await kernel.execute("'hidden'", { silent: true });
  await kernel.execute("'not kept'", { storeHistory: false });
});
afterAll(() => kernel?.stop());

async function asked(content: Record<string, unknown>): Promise<unknown[]> {
  const reply = await kernel.request("history_request", { raw: true, output: false, ...content });
  expect(reply).toMatchObject({ header: { msg_type: "history_reply" }, content: { status: "ok" } });
  return reply.content.history as unknown[];
}
const line = (n: number) => [1, n, CODES[n - 1]];

describe("a kernel's history", () => {
  test("tail: the last cells, oldest first", async () => {
    expect(await asked({ hist_access_type: "tail", n: 2 })).toEqual([line(4), line(5)]);
    expect(await asked({ hist_access_type: "tail", n: 100 })).toEqual([1, 2, 3, 4, 5].map(line));
    expect(await asked({ hist_access_type: "tail", n: 0 })).toEqual([]);
  });

  test("with their results, where there is one", async () => {
    expect(await asked({ hist_access_type: "tail", n: 5, output: true })).toEqual([
      [1, 1, ["1 + 1", "2"]],
      [1, 2, ["'two'", "'two'"]],
      [1, 3, ["const three = 3;", null]],
      [1, 4, ["throw new Error('four')", null]],
      [1, 5, ["1 + 1", "2"]],
    ]);
  });

  test("range: from a line up to, and without, another, of this session", async () => {
    expect(await asked({ hist_access_type: "range", session: 1, start: 2, stop: 4 })).toEqual([line(2), line(3)]);
    expect(await asked({ hist_access_type: "range", session: 0, start: 4, stop: null })).toEqual([line(4), line(5)]);
    expect(await asked({ hist_access_type: "range", session: -1, start: 1, stop: 3 })).toEqual([]);
  });

  test("search: a pattern of the whole text", async () => {
    expect(await asked({ hist_access_type: "search", pattern: "*three*" })).toEqual([line(3)]);
    expect(await asked({ hist_access_type: "search", pattern: "1 ? 1" })).toEqual([line(1), line(5)]);
    expect(await asked({ hist_access_type: "search", pattern: "1 + 1", unique: true })).toEqual([line(5)]);
    expect(await asked({ hist_access_type: "search", pattern: "*", n: 3 })).toEqual([line(3), line(4), line(5)]);
    expect(await asked({ hist_access_type: "search", pattern: "+" })).toEqual([]);
    expect(await asked({ hist_access_type: "search", pattern: "*hidden*" })).toEqual([]);
  });

  test("nothing for a request that it does not know", async () => {
    expect(await asked({ hist_access_type: "nothing of the kind" })).toEqual([]);
  });
});

test("the history forgets the oldest: 1 MB of text are kept", async () => {
  const long = (n: number) => `'${n}${"x".repeat(400_000)}'.length`;
  for (const n of [1, 2, 3]) await kernel.execute(long(n));
  const kept = (await asked({ hist_access_type: "tail", n: 100 })) as [number, number, string][];
  expect(kept.map(([, , input]) => input.slice(0, 3))).toEqual(["'2x", "'3x"]);
});

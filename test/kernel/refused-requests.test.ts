import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { newHeader } from "../support/jupyter/wire.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";

/* What no client sends that is in its right mind, but signed with the right key: a new client, or one that has a fault. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  // The first cell waits for the compiler.
  await kernel.execute("0");
});
afterAll(() => kernel?.stop());

const REQUESTS = [
  "execute_request",
  "inspect_request",
  "complete_request",
  "is_complete_request",
  "history_request",
  "comm_info_request",
  "kernel_info_request",
  "comm_open",
  "comm_msg",
  "input_reply",
  "no_such_request",
  "constructor",
];
/** Those that end the kernel, or interrupt it, when they are right: here they are always wrong. */
const DANGEROUS = ["shutdown_request", "interrupt_request"];
const NO_OBJECT = [null, [], [1], 5, -1, true, "text", ""];
const NO_TEXT = [null, undefined, [], {}, 7, false];

const CONTENTS: unknown[] = [
  ...NO_TEXT.map((code) => ({ code, cursor_pos: 0 })),
  ...[null, undefined, "1", -1, 1.5, 1e300, [], {}].map((cursor_pos) => ({ code: "1", cursor_pos })),
  { code: "1 + 1", cursor_pos: 10_000, silent: "no", store_history: [], stop_on_error: 3 },
  { code: "0", cursor_pos: 2 ** 40 },
  { code: "1", cursor_pos: 1, allow_stdin: null, user_expressions: 5, comm_id: [], data: null, n: {}, restart: [] },
  {},
];

async function stillAnswers(after: unknown): Promise<void> {
  const cell = await kernel.execute("1 + 1", { timeout: SOON });
  expect(cell.results, `after ${JSON.stringify(after)}`).toEqual([{ "text/plain": "2" }]);
  for (const channel of ["shell", "control"] as const)
    await kernel.request("kernel_info_request", {}, { channel, timeout: SOON });
}

const json = (value: unknown): string => JSON.stringify(value) ?? "null";

test.each(["shell", "control"] as const)("%s: a header that is none, or says nothing, is refused", async (channel) => {
  const header = newHeader("execute_request");
  const headers = [
    ...NO_OBJECT,
    {},
    ...NO_TEXT.map((msg_type) => ({ ...header, msg_type })),
    ...NO_TEXT.map((msg_id) => ({ ...header, msg_id })),
  ];
  for (const wrong of headers) {
    kernel.sendParts([json(wrong), "{}", "{}", json({ code: "console.log('must not run')" })], channel);
    await stillAnswers(wrong);
  }
  for (const parts of [[], ["{}"], [json(header)], [json(header), "{}", "{}", "{"], ["", "", "", ""]]) {
    kernel.sendParts(parts, channel);
    await stillAnswers(parts);
  }
  expect(kernel.iopub.filter(({ content }) => content.text === "must not run\n")).toEqual([]);
});

test.each(["shell", "control"] as const)(
  "%s: every request with a content that is no object is refused",
  async (channel) => {
    for (const name of [...REQUESTS, ...DANGEROUS]) {
      for (const content of NO_OBJECT) {
        const header = newHeader(name);
        kernel.sendParts([json(header), json(null), json(null), json(content)], channel);
        await stillAnswers([name, content]);
        const reply = kernel.replyTo(header.msg_id);
        const answered = name.endsWith("_request") && name !== "no_such_request";
        if (answered) {
          expect(reply?.content).toMatchObject({ status: "error", ename: "RefusedRequest" });
          expect(reply?.content.evalue).toContain(`The content of ${name} is an object, not `);
        } else expect(reply).toBeUndefined();
      }
    }
  },
  LONG_PATIENCE_MS,
);

test("every request with fields of wrong kinds leaves the kernel answering", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  for (const name of REQUESTS) {
    for (const content of CONTENTS) {
      kernel.sendParts([
        json({ ...newHeader(name), username: 5, session: null, version: [], date: {} }),
        "5",
        "[]",
        json(content),
      ]);
      await stillAnswers([name, content]);
    }
  }
});

test.each([
  ["execute_request", { code: 5 }, "code in execute_request is a text, not 5."],
  ["execute_request", { code: "1", silent: "no" }, "silent in execute_request is true or false, not 'no'."],
  [
    "complete_request",
    { code: "1", cursor_pos: -1 },
    "cursor_pos in complete_request is a whole number from 0, not -1.",
  ],
  ["inspect_request", { code: "1" }, "cursor_pos in inspect_request is a whole number from 0, not undefined."],
  ["is_complete_request", {}, "code in is_complete_request is a text, not undefined."],
])("%s with %j is told what is wrong", async (name, content, evalue) => {
  const reply = await kernel.request(name, content, { timeout: SOON });
  expect(reply.header.msg_type).toBe(name.replace("request", "reply"));
  expect(reply.content).toMatchObject({ status: "error", ename: "RefusedRequest", evalue });
  expect(reply.content.traceback).toEqual([`RefusedRequest: ${evalue}`]);
});

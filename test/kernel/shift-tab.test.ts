import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* What Shift-Tab shows in a real kernel: the words of test/contract/docs.test.ts, with their labels, in an order in which they can be read. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await kernel.execute(`import {
    socket, attempt, calls, every, htons, ladder, loseDatagrams, otherProcess, plot, trace, AF_INET, SOCK_DGRAM, SO_RCVTIMEO, MSG_PEEK, TimeoutError,
  } from "kernel-helpers";
  trace.off();
  const server = socket("server", AF_INET, SOCK_DGRAM);
  const lab = await otherProcess("lab");
  const rival = await lab.socket("rival", AF_INET, SOCK_DGRAM);`);
});
afterAll(async () => {
  await kernel?.execute("await lab.stop(); server.close();");
  await kernel?.stop();
});

/** What is shown with the cursor where `|` stands. */
async function shiftTab(code: string): Promise<string> {
  const cursor_pos = [...code.slice(0, code.indexOf("|"))].length;
  const reply = await kernel.request("inspect_request", { code: code.replace("|", ""), cursor_pos, detail_level: 0 });
  return (reply.content.data as Record<string, string>)["text/plain"] ?? "";
}

describe("Shift-Tab shows", () => {
  test.each([
    [
      "server.bi|nd",
      ["bind(2)", "Manual: man 2 bind", "@param address", "@param port", "Errors: ", "Side: ", "State: "],
    ],
    [
      "server.rec|v()",
      ["recv(2)", "Manual: man 2 recv", "@param length", "`timeout` in milliseconds", "Returns ", "Errors: "],
    ],
    ["await rival.bin|d('127.0.0.1', 0)", ["bind(2)", "Manual: ", "@param port", "ProcessError (it has ended)"]],
    ["calls.rec|v", ["recv(2)", "Manual: ", "@param fd", "Returns ", "Errors: "]],
    ["socke|t", ["socket(2)", "Manual: ", "`protocol`", "Returns ", "Errors: "]],
    [
      "attemp|t(() => server.bind('127.0.0.1', 0))",
      ["Makes a call", "@param action", "Returns the error", "Errors: none"],
    ],
    ["attemp|t(() => server.recv())", ["Makes a call", "@param action", "Returns a promise", "Errors: none"]],
    ["loseDatagram|s(rival, 0.1)", ["Loses datagrams", "@param probability", "Errors: ", "ProcessError"]],
    ["loseDatagram|s(server, 0.1)", ["Loses datagrams", "@param probability", "Errors: "]],
    ["trace.step|s", ["The steps so far", "@param last", "Returns ", "Errors: "]],
    ["SO_RCVTIME|O", ["Value: ms (milliseconds)", "See man 7 socket."]],
    ["MSG_PEE|K", ["Flag of recv: ", "See man 2 recv."]],
    ["ever|y", ["metronome", "@param interval milliseconds", "Errors: "]],
    ["hton|s(80)", ["htons(3)", "Manual: man 3 htons.", "an integer from 0 to 65535", "Returns ", "Errors: "]],
    ["ladde|r()", ["sequence diagram", "`last`", "`only`", "Errors: "]],
    ["plo|t", ["Draws lines", "`title`", "`bins`", "Errors: "]],
    ["lab.kil|l()", ["kill(2)", "Manual: man 2 kill", "@param signal", "Errors: "]],
    ["server.recv(10, 0, { timeou|t: 5 })", ["milliseconds", "Infinity"]],
    ["new TimeoutErro|r('', '', '', '')", ["Makes the error", "@param call"]],
  ])("of %s what it is, in this order", async (code, words) => {
    const text = await shiftTab(code);
    // SHOW=1 npm test -- test/kernel/shift-tab.test.ts: to read it as a learner does.
    if (process.env.SHOW) console.log(`=== ${code}\n${text}`);
    const places = words.map((word) => text.indexOf(word));
    expect(places.includes(-1), text).toBe(false);
    expect(places, text).toEqual([...places].sort((a, b) => a - b));
    expect(text).not.toContain("{@");
  });
});

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
      [
        "recv(2)",
        "Manual: man 2 recv",
        "@param length",
        "(on a stream: wait until all",
        "`timeout` in milliseconds",
        "Returns ",
        "Errors: ",
      ],
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
    // They say "Returns", "Errors" and more themselves.
    expect(text).not.toMatch(/@returns|@throws|@side|@state/);
  });
});

describe("inside the brackets Shift-Tab shows", () => {
  const ADDRESS = ["bind(address: string, port?: number): void", "     ^^^^^^^^^^^^^^^"];
  const PORT = ["bind(address: string, port?: number): void", `${" ".repeat(22)}^^^^^^^^^^^^^`];

  beforeAll(async () => {
    await kernel.execute(`
      /**
       * Adds two
       * numbers.
       *
       * - the first
       *   one
       * - the second
       *
       * @param a goes
       *   first
       * @returns the sum
       * @throws RangeError never
       * @see {@link Math.abs that one}
       * @example
       * add(1,
       *   2)
       */
      function add(a: number, b = 2): number { return a + b }`);
  });

  test.each([
    ["server.bind(|)", ADDRESS],
    ["server.bind(|", ADDRESS],
    ["server.bind(|\nserver.close();", ADDRESS],
    ["server.bind( // later\n  |\n", ADDRESS],
    ["server.bind('127.|0.0.1', 80)", ADDRESS],
    [`server.bind(\`127.|0.0.\${1}\`, 80)`, ADDRESS],
    ["server.bind('127.0.0.1', |)", PORT],
    ["server.bind('127.0.0.1', |", PORT],
    ["server.bind('127.0.0.1',|80", PORT],
    ["await attempt(() => server.bind('127.0.0.1', |))", PORT],
    [`console.log(\`at \${server.bind('127.0.0.1', |80)} o'clock\`)`, PORT],
    ["'😀'; server.bind('😀', |80)", PORT],
    ["await rival.bind('127.0.0.1', |0)", PORT.map((line) => line.replace("void", "Promise<void>"))],
    ["new Map<string, number>([]).get(|)", ["get(key: string): number", "    ^^^^^^^^^^^"]],
    ["((x: number, y: string) => x)(1, |)", ["(x: number, y: string): number", `${" ".repeat(12)}^^^^^^^^^`]],
    ["add(1, |", ["add(a: number, b?: number): number", `${" ".repeat(15)}^^^^^^^^^^`]],
    ["console.log(1, |)", ["log(message?: any, ...optionalParams: any[]): void", `${" ".repeat(19)}${"^".repeat(24)}`]],
  ])("at %s the signature with the parameter underlined", async (code, signature) => {
    expect((await shiftTab(code)).split("\n").slice(0, 2)).toEqual(signature);
  });

  test("a long signature with a line for each parameter", async () => {
    const text = await shiftTab("await server.recv(10, 0, { timeout: |5 })");
    expect(text.split("\n").slice(0, 6)).toEqual([
      "recv(",
      "  length?: number,",
      "  flags?: number,",
      "  options?: WaitOptions",
      "  ^^^^^^^^^^^^^^^^^^^^^",
      "): Promise<Buffer>",
    ]);
  });

  test("what is said of the parameter, and then the docs of the call", async () => {
    const text = await shiftTab("server.bind('127.0.0.1', |80)");
    const places = [
      "^^^",
      "@param port 0 to 65535",
      "bind(2): ",
      "Manual: ",
      "@param address",
      "Errors: ",
      "Side: ",
    ].map((words) => text.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(text.match(/@param port/g)).toHaveLength(1);
  });

  test("the other signatures of a function that has several", async () => {
    const text = await shiftTab("attempt(() => 1, |)");
    expect(text).toContain("attempt(action: () => ");
    expect(text).toContain("\n\nIt can also be called so:\nattempt");
  });

  test("of an argument's name what it is, and below it the call", async () => {
    const text = await shiftTab("server.bind('127.0.0.1', SO_RCVTIM|EO)");
    const [name, call] = text.split(/\n\n─+\n\n/);
    expect(name).toContain("const SO_RCVTIMEO");
    expect(name).toContain("See man 7 socket.");
    expect(call!.split("\n").slice(0, 2)).toEqual(PORT);
  });

  test.each(["server.bind('127.0.0.1', 80)|", "setTimeout(() => { add; | }, 10)", "|", "const x = |1;"])(
    "nothing outside of brackets: %s",
    async (code) => {
      expect(await shiftTab(code)).toBe("");
    },
  );

  test("paragraphs in one line, lists and examples in their own, and the labels of tags", async () => {
    expect((await shiftTab("add(|1)")).split("\n").slice(2)).toEqual([
      "",
      "@param a goes first",
      "",
      "Adds two numbers.",
      "",
      "- the first one",
      "- the second",
      "@returns the sum",
      "@throws RangeError never",
      "@see that one (Math.abs)",
      "@example",
      "add(1,",
      "  2)",
    ]);
    expect(await shiftTab("ad|d(1)")).toContain(
      "\nAdds two numbers.\n\n- the first one\n- the second\n@param a goes first\n@returns",
    );
  });
});

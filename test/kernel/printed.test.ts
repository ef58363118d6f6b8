import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cell, type Kernel, type Message, startKernel, withKernel } from "../support/jupyter/index.js";

/*
 * What is printed arrives. The Jupyter server throws away what is more than 1,000 messages or 1 MB of text a second, over three seconds;
 * the tests in test/browser/one-window/printed.ts have a real one.
 */

const streams = (cell: Cell): Message[] => cell.messages.filter(({ header }) => header.msg_type === "stream");
const typesOf = (cell: Cell): string[] => cell.sequence.filter((type, i, all) => type !== all[i - 1]);

async function run(kernel: Kernel, code: string, options?: Parameters<Kernel["execute"]>[1]): Promise<Cell> {
  const cell = await kernel.execute(code, options);
  expect(cell.status, cell.errors.map((error) => error.traceback.join("\n")).join()).toBe("ok");
  return cell;
}

const SENDER = `import { socket, choosePort, ladder, trace, every, otherProcess, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
const P = choosePort();
const s = socket("s", AF_INET, SOCK_DGRAM);`;

/** What one cell prints is paced by what the ones before have printed: where that is looked at, a kernel of its own prints it. */
let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

describe("few messages", () => {
  test("carry what a loop prints, in its order", async () => {
    const cell = await run(kernel, "for (let i = 0; i < 20_000; i++) console.log(i);\n'result'");
    expect(cell.stdout).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
    expect(streams(cell).length).toBeLessThan(2000); // 20 at once, then ten a second: some 25
    expect(typesOf(cell)).toEqual(["busy", "execute_input", "stream", "execute_result", "idle"]);
  });

  test("keep the order of both streams, displays, errors and results", async () => {
    const cell = await kernel.execute(`import { display } from "tslab";
      for (let i = 0; i < 60; i++) {
        console.log("a"); console.log("b"); console.error("c"); display.html("<i>d</i>");
      }
      throw new Error("e");`);
    const seen = cell.messages.map(({ header, content }) => {
      if (header.msg_type === "stream") return content.text;
      return header.msg_type === "display_data" ? "d" : header.msg_type === "error" ? "e" : "";
    });
    expect(seen.join("").replaceAll("\n", "")).toBe(`${"abcd".repeat(60)}e`);
  });

  test("are sent while a cell computes: its first lines at once, more with the next one that it prints", async () => {
    await run(kernel, "0");
    const cell = kernel.submit(`const spin = (ms: number) => { for (const end = Date.now() + ms; Date.now() < end; ); };
      for (let i = 0; i < 10; i++) console.log("first", i);
      spin(1000);
      for (let i = 0; i < 100; i++) console.log("more", i);
      spin(300); console.log("next"); spin(1000);
      const over = Date.now(); over`);
    await kernel.finish(cell);
    const over = Number(cell.results[0]!["text/plain"]);
    const sent = (text: string): number =>
      Date.parse(streams(cell).find(({ content }) => String(content.text).includes(text))!.header.date);
    // On the kernel's own clock.
    expect(over - sent("first 9\n")).toBeGreaterThan(2200);
    expect(over - sent("more 99\n")).toBeGreaterThan(900);
  });

  test("carry what comes slowly, each line as it comes", async () => {
    const cell = await run(
      kernel,
      `for (let i = 0; i < 30; i++) { console.log(i, Date.now()); await new Promise((wake) => setTimeout(wake, 30)); }`,
    );
    for (const { header, content } of streams(cell)) {
      const [, first] = /^\d+ (\d+)\n/.exec(String(content.text))!;
      // At the latest after 0.2 s; the machine may be busy besides.
      expect(Date.parse(header.date) - Number(first)).toBeLessThan(1000);
    }
  });

  test("show a display anew: of many updates of one, the last is sure to come, and few others", async () => {
    const cell = await run(
      kernel,
      `import { newDisplay } from "tslab";
      const [one, two] = [newDisplay(), newDisplay()];
      one.html("0"); two.html("0");
      for (let i = 1; i <= 10_000; i++) { one.html("one " + i); two.html("two " + i); }`,
    );
    const updates = cell.messages.filter(({ header }) => header.msg_type === "update_display_data");
    const shown = updates.map(({ content }) => (content.data as Record<string, string>)["text/html"]);
    expect(shown).toContain("one 10000");
    expect(shown.at(-1)).toMatch(/ 10000$/);
    expect(shown.filter((text) => text?.endsWith(" 10000"))).toHaveLength(2);
    expect(updates.length).toBeLessThan(2000);
    // Both last ones before the cell has ended.
    expect(cell.sequence.filter((type) => type === "update_display_data")).toHaveLength(updates.length);
    expect(cell.sequence.at(-1)).toBe("idle");
  });

  test("are sent before the kernel ends, however it ends", async () => {
    const code = "for (let i = 0; i < 1000; i++) console.log(i);";
    const all = Array.from({ length: 1000 }, (_, i) => `${i}\n`).join("");
    for (const end of ["process.exit(0);", "setTimeout(() => process.exit(0), 0); await new Promise(() => {});"]) {
      await withKernel({ spec: "ours" }, async (kernel) => {
        const cell = kernel.submit(`${code} ${end}`);
        await kernel.exited;
        await expect.poll(() => cell.stdout).toBe(all);
      });
    }
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cell = kernel.submit(`${code} await new Promise(() => {});`);
      await kernel.waitForOutput(() => cell.stdout.startsWith("0\n"));
      await kernel.shutdown();
      await expect.poll(() => cell.stdout).toBe(all);
    });
  });
});

describe("no faster than a Jupyter server hands on", () => {
  /** What the server counts, from one idle status to the next. */
  function mostWithin(messages: Message[], weight: (message: Message) => number): number {
    const sent = messages.map((message) => ({ at: Date.parse(message.header.date), weight: weight(message) }));
    let most = 0;
    for (let first = 0, sum = 0, last = 0; last < sent.length; last++) {
      sum += sent[last]!.weight;
      // The clocks count whole milliseconds.
      while (sent[last]!.at - sent[first]!.at > 2990) sum -= sent[first++]!.weight;
      most = Math.max(most, sum);
    }
    return most;
  }
  const counted = (cell: Cell): Message[] =>
    cell.messages.filter(({ header }) => !["status", "execute_input"].includes(header.msg_type));
  const bytes = ({ header, content }: Message): number =>
    header.msg_type === "stream" ? Buffer.byteLength(String(content.text)) : 0;

  test("a cell sends what it prints, and nothing of it is missing", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cell = await run(
        kernel,
        `const line = "é".repeat(49) + "\\n";
        process.stdout.write(line.repeat(10_000));
        for (let i = 0; i < 25_000; i++) process.stdout.write(line);
        console.log("END"); 'result'`,
      );
      expect(cell.stdout).toBe(`${`${"é".repeat(49)}\n`.repeat(35_000)}END\n`);
      expect(cell.results).toEqual([{ "text/plain": "'result'" }]);
      expect(mostWithin(counted(cell), bytes)).toBeLessThan(2_000_000);
      // The next cell has all of it again.
      expect((await run(kernel, "console.log('again')")).stdout).toBe("again\n");
    });
  });

  test("a cell sends many displays, and text between them", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cell = await run(
        kernel,
        `import { display } from "tslab";
        for (let i = 0; i < 1500; i++) { console.log(i); display.text(String(i)); }
        console.log("END");`,
      );
      expect(cell.displays.map((data) => data["text/plain"])).toEqual(Array.from({ length: 1500 }, (_, i) => `${i}`));
      expect(cell.stdout.endsWith("1499\nEND\n")).toBe(true);
      expect(mostWithin(counted(cell), () => 1)).toBeLessThan(2000);
    });
  });

  test("an interrupt ends a cell at once that has printed more; what it has printed follows", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      // Its code has ended when the signal comes; to send everything takes two seconds.
      const cell = await kernel.execute(`for (let i = 0; i < 25_000; i++) console.log('x'.repeat(99));
        setTimeout(() => process.kill(process.pid, "SIGINT"), 0); 'done'`);
      expect(cell.stdout.length).toBeLessThan(2_500_000);
      expect((await run(kernel, "'next'")).results).toEqual([{ "text/plain": "'next'" }]);
      await expect.poll(() => cell.stdout.length).toBe(2_500_000);
    });
  });
});

describe("lines of the trace", () => {
  const more = (cell: Cell): string[] => {
    const flat = cell.printed.replace(/\s+/g, " ");
    const sentence =
      /\((\d+ more lines?) of this cell (?:is|are) not printed, nor is what may follow\. trace\.steps\(\) returns the last 5,000 calls, ladder\(\) draws the last 200; trace\.silently\(…\) makes a loop print none\.\)/g;
    return [...flat.matchAll(sentence)].map(([, lines]) => lines!);
  };

  test("are 300 in a cell, and then it says how many more there were; its own lines are all there", async () => {
    await run(kernel, SENDER);
    const cell = await run(
      kernel,
      'for (let i = 0; i < 6000; i++) await s.sendto("x", LOOPBACK, P);\nconsole.log("END");\nladder();\n"result"',
    );
    const text = cell.printed;
    expect(text.match(/sendto/g)).toHaveLength(300);
    expect(more(cell)).toEqual(["5700 more lines"]);
    expect(text).toMatch(/= 1\nEND\n/);
    expect(typesOf(cell)).toEqual([
      "busy",
      "execute_input",
      "stream",
      "display_data",
      "stream",
      "execute_result",
      "idle",
    ]);
    // As it says.
    expect((await run(kernel, "[trace.steps().length, trace.steps().at(-1)?.name]")).results[0]?.["text/plain"]).toBe(
      "[ 5000, 'sendto' ]",
    );
    // The next run of the same cell has its own.
    const next = await run(kernel, 'for (let i = 0; i < 301; i++) await s.sendto("x", LOOPBACK, P);');
    expect(more(next)).toEqual(["1 more line"]);
  });

  test("are 300 for what a cell leaves in the background, too, and other cells have their own", async () => {
    await run(kernel, SENDER);
    const cell = await run(
      kernel,
      `globalThis.on = true;
      async function send() { while (globalThis.on) { await s.sendto("x", LOOPBACK, P); await every(0, 1, () => {}); } }
      const sending = send();`,
    );
    await kernel.waitForOutput(() => more(cell).length > 0);
    const other = await run(kernel, 's.sendto("y", LOOPBACK, P);');
    expect(other.printed).toMatch(/^s {13}sendto\(\d+, "y"/);
    expect(other.printed).not.toContain('"x"');
    await run(kernel, "globalThis.on = false; await sending;");
    expect(cell.printed.match(/sendto/g)).toHaveLength(300);
    expect(more(cell)).toHaveLength(1);
  });

  test("are 300 of another process's calls, and with trace.exact(); console.log is never cut", async () => {
    await run(kernel, SENDER);
    await run(
      kernel,
      'const rival = await otherProcess("rival"); const t = await rival.socket("t", AF_INET, SOCK_DGRAM);',
    );
    const theirs = await run(
      kernel,
      'for (let i = 0; i < 320; i++) { await t.sendto("x", LOOPBACK, P); console.log("mine", i); }',
    );
    expect(theirs.printed.match(/sendto/g)).toHaveLength(300);
    expect(theirs.printed.match(/mine/g)).toHaveLength(320);
    expect(more(theirs)).toEqual(["20 more lines"]);
    const exact = await run(
      kernel,
      'trace.exact(); for (let i = 0; i < 310; i++) await s.sendto("x", LOOPBACK, P); trace.short();',
    );
    expect(exact.printed.match(/^s {13}/gm)).toHaveLength(300);
    expect(more(exact)).toEqual([expect.stringMatching(/^1\d more lines$/)]); // one or two calls look where the socket is
  });

  test("on the stock kernel: 300, and where the others are", async () => {
    await withKernel({ spec: "stock" }, async (kernel) => {
      await run(kernel, SENDER);
      const cell = await run(kernel, 'for (let i = 0; i < 400; i++) await s.sendto("x", LOOPBACK, P);');
      expect(cell.printed.match(/sendto/g)).toHaveLength(300);
      expect(cell.printed.replace(/\s+/g, " ")).toMatch(
        /\(A cell prints 300 lines of the trace, and no more\. trace\.steps\(\) returns the last 5,000 calls/,
      );
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* What a wait in a cell says: where it stands, who is before it, and what leaving out its `await` would do. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await kernel.execute(`
    import { socket, otherProcess, LOOPBACK, AF_INET, SOCK_DGRAM, SOCK_STREAM } from "kernel-helpers";
    const inbox = (name: string) => {
      const made = socket(name, AF_INET, SOCK_DGRAM);
      made.bind(LOOPBACK, 0);
      return made;
    };
    const client = socket("client", AF_INET, SOCK_STREAM);
    const rival = await otherProcess("rival");
    const [first, second, third, fourth] = ["first", "second", "third", "fourth"].map(inbox);
    const there = await rival.socket("there", AF_INET, SOCK_DGRAM);
    await there.bind(LOOPBACK, 0);`);
});
afterAll(async () => {
  await kernel?.execute("await rival.stop()");
  await kernel?.stop();
});

/** With the lines put together that a cell breaks between words. */
const flat = (text: string) => text.replace(/\s+/g, " ");

describe("an error of a call that has waited names its line", () => {
  test.each([
    ["await client.connect(LOOPBACK, 1);", "connect"],
    ["await first!.recv(10, 0, { timeout: 20 });", "recv"],
    ["await there.recv(10, 0, { timeout: 20 });", "recv"],
  ])("%s", async (code, name) => {
    const cell = await kernel.execute(`1;\n  ${code}`);
    const column = 3 + code.indexOf(name);
    expect(cell.errors[0]!.traceback.slice(-3)).toEqual([
      `    at cell [${cell.executionCount}]:2:${column}`,
      `          ${code}`,
      `${" ".repeat(7 + column)}^`,
    ]);
  });
});

describe("a receive behind another one that was begun in another cell", () => {
  test("says so when it begins, and when it is over", async () => {
    const { executionCount } = await kernel.execute("const begun = second!.recv();");
    const words = `An earlier recv (cell ${executionCount}) on "second" still waits, and takes what comes first.`;
    const cell = await kernel.execute("await second!.recvfrom(10, 0, { timeout: 30 });");
    expect(flat(cell.stdout)).toContain(words);
    expect(cell.errors[0]!.evalue).toContain(words);
    const port = "second!.getsockname().port";
    const after = await kernel.execute(`
      const late = second!.recvfrom(10, 0, { timeout: 300 }).catch((error) => error.message);
      await first!.sendto("taken", LOOPBACK, ${port});
      console.log(\`\${await begun} \${await late}\`);`);
    expect(flat(after.stdout)).toContain("taken recvfrom(");
    expect(flat(after.stdout)).toContain(
      `An earlier recv (cell ${executionCount}) on "second" has taken what came first.`,
    );
  });

  test("says so in the error of an interrupt, and nothing of those of its own cell when it begins", async () => {
    const { executionCount } = await kernel.execute("const third1 = third!.recv();");
    const own = await kernel.execute("const [a, b] = [first!.recv(8), first!.recv(9)];");
    expect(flat(own.stdout)).not.toContain("An earlier");
    // Not in the cell's synchronous part, which an interrupt ends in the middle: before its `catch`, for one.
    const cell = kernel.submit("await 0; await third!.recv(7).catch((error) => console.log(error.message));");
    await kernel.waitForOutput(() => cell.stdout.includes("waits for a datagram"));
    kernel.interrupt();
    await kernel.finish(cell);
    await kernel.waitForOutput(() => cell.stdout.includes("Nothing was lost"));
    expect(flat(cell.stdout)).toMatch(
      new RegExp(`Nothing was lost.*An earlier recv \\(cell ${executionCount}\\) on "third" still waits`),
    );
  });
});

const THERE = `const rival = await otherProcess("rival");
  const there = await rival.socket("there", AF_INET, SOCK_DGRAM);
  await there.bind(LOOPBACK, 0);`;

test("leaving out `await` is advised only where that lets the call wait alone", async () => {
  const leaveOut = "leave out `await`";
  const cells = {
    alone: "await fourth!.recv(1)",
    attempted: "await Promise.all([(() => fourth!.recv(2))()])",
    looped: "for (let i = 0; i < 1; i++) await fourth!.recv(3)",
    there: "await there.recv(4)",
    thereLooped: "while (true) await there.recv(5)",
  };
  // All of them wait for their ten seconds at once: each in a cell of its own kernel.
  const advice = await Promise.all(
    Object.entries(cells).map(async ([name, code]) => {
      const own = await startKernel({ spec: "ours" });
      try {
        await own.execute(`
          import { socket, otherProcess, LOOPBACK, AF_INET, SOCK_DGRAM } from "kernel-helpers";
          const fourth = socket("fourth", AF_INET, SOCK_DGRAM);
          fourth.bind(LOOPBACK, 0);
          ${code.includes("there") ? THERE : ""}`);
        const cell = await own.execute(`${code};`);
        return [name, cell.errors[0]!.evalue.includes("waited 10 s"), cell.errors[0]!.evalue.includes(leaveOut)];
      } finally {
        await own.stop();
      }
    }),
  );
  expect(advice).toEqual([
    ["alone", true, true],
    ["attempted", true, false],
    ["looped", true, false],
    ["there", true, true],
    ["thereLooped", true, false],
  ]);
});

import { expect, test } from "vitest";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

const SERVE = [
  'const echo = await serve("echo", { port: 0 }, async (conversation) => {',
  "  for await (const data of conversation) {",
  '    if (String(data) === "bad") throw new Error("what is that?");',
  '    console.log("the server got", String(data));',
  "    await conversation.sendAll(data);",
  "  }",
  "});",
  "echo.port",
].join("\n");
const ASK = [
  'const client = socket("client", AF_INET, SOCK_STREAM);',
  "await client.connect(LOOPBACK, echo.port);",
  'await client.send("hello");',
  "String(await client.recv(100))",
].join("\n");

async function result(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  expect(cell.status, `${code}\n${cell.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
  return String(cell.results.at(-1)?.["text/plain"] ?? cell.stdout);
}

test("a server goes on while cells run, fail and are interrupted, and is started again on its port", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await result(kernel, 'import { closeAll, serve, socket, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";');
    const port = await result(kernel, SERVE);
    expect(await result(kernel, ASK)).toContain("hello");
    expect((await kernel.execute('throw new Error("mine");')).status).toBe("error");
    expect(await result(kernel, ASK)).toContain("hello");

    const waiting = kernel.submit("await client.recv(100, 0, { timeout: Infinity });");
    await kernel.waitForOutput((message) => String(message.content.text).includes("waits for data"));
    await kernel.request("kernel_info_request", {}, { channel: "control" });
    kernel.interrupt();
    await kernel.finish(waiting);
    expect(waiting.status).toBe("error");
    expect(await result(kernel, ASK)).toContain("hello");

    await result(kernel, 'await client.send("bad");\nawait client.recv(100);');
    expect(await result(kernel, "echo")).toMatch(/^echo: listens on .*1 failed \(the last error: what is that\?\)$/);
    // The clients of before are connected still.
    expect(await result(kernel, SERVE)).toBe(port);
    expect(await result(kernel, ASK)).toContain("hello");
    await result(kernel, "await echo.stop();");
    const asked = performance.now();
    await kernel.shutdown();
    expect(performance.now() - asked).toBeLessThan(SOON);
  });
});

const ELSEWHERE = [
  'import { otherProcess, socket, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers"; const lab = await otherProcess("lab"); const PORT = 5;',
  'const echo = await lab.serve("echo", {}, async (client) => { for await (const data of client) await client.sendAll(LOOPBACK + " " + data); });',
  'const mine = socket("mine", AF_INET, SOCK_STREAM); await mine.connect(LOOPBACK, echo.port!); await mine.send("hello"); String(await mine.recv())',
];

test.each(["ours", "stock"] as const)("a server in another process, in a cell of the kernel: %s", async (spec) => {
  await withKernel({ spec }, async (kernel) => {
    for (const code of ELSEWHERE.slice(0, 2)) await result(kernel, code);
    expect(await result(kernel, ELSEWHERE[2]!)).toContain("127.0.0.1 hello");
    // The stock kernel tells of an error on stderr.
    const failed = await kernel.execute(
      'await lab.serve("echo", {}, async (client) => { await client.sendAll(String(PORT)); });',
    );
    expect(failed.status).toBe("error");
    const words = [failed.stderr, ...failed.errors.map(({ evalue }) => evalue)].join("\n");
    expect(words).toContain('where "PORT" does not exist');
  });
});

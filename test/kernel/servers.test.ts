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

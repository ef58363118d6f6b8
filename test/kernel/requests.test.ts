import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, ROOT, startKernel } from "../support/jupyter/index.js";

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

describe("the kernel answers", () => {
  test("kernel_info_request with the version of the TypeScript that runs the cells", async () => {
    const versions = await kernel.execute("import { versions } from 'tslab'; console.log(JSON.stringify(versions));");
    const { typescript, tslab } = JSON.parse(versions.stdout);
    for (const channel of ["shell", "control"] as const) {
      const reply = await kernel.request("kernel_info_request", {}, { channel });
      expect(reply).toMatchObject({ channel, header: { msg_type: "kernel_info_reply" } });
      expect(reply.content).toMatchObject({
        status: "ok",
        protocol_version: "5.3",
        implementation: "tslab",
        implementation_version: tslab,
        language_info: {
          name: "typescript",
          version: typescript,
          mimetype: "text/typescript",
          file_extension: ".ts",
          pygments_lexer: "typescript",
          nbconvert_exporter: "script",
          codemirror_mode: { mode: "typescript" },
        },
      });
    }
  });

  test("comm_info_request with its own empty reply", async () => {
    const comms = await kernel.request("comm_info_request", { target_name: "jupyter.widget" });
    expect(comms).toMatchObject({ header: { msg_type: "comm_info_reply" }, content: { status: "ok", comms: {} } });
  });

  test("complete_request and inspect_request at positions that count characters, not UTF-16 units", async () => {
    await kernel.execute("/** How tall it is. */\nconst height = 3;");
    const code = "'𝒳😀'; heigh";
    const length = [...code].length;
    const completion = await kernel.request("complete_request", { code, cursor_pos: length });
    expect(completion.content).toMatchObject({ status: "ok", cursor_start: length - 5, cursor_end: length });
    expect(completion.content.matches).toContain("height");
    const inspection = await kernel.request("inspect_request", {
      code: "'𝒳😀'; height",
      cursor_pos: length,
      detail_level: 0,
    });
    const { "text/plain": text } = inspection.content.data as Record<string, string>;
    expect(text).toContain("const height: 3");
    const elsewhere = await kernel.request("inspect_request", { code: "   ", cursor_pos: 1, detail_level: 0 });
    expect(elsewhere.content).toMatchObject({ status: "ok", found: false, data: {} });
  });

  test("requests while a cell waits, and says afterwards that it is still busy", async () => {
    const cell = kernel.submit(
      "console.log('waits'); await new Promise((resolve) => (globalThis as any).go = resolve);",
    );
    await kernel.waitForOutput((message) => message.content.text === "waits\n");
    const reply = await kernel.request("complete_request", { code: "hei", cursor_pos: 3 });
    expect(reply.content).toMatchObject({ status: "ok" });
    const answered = reply.parent_header.msg_id;
    const since = () =>
      kernel.iopub.slice(kernel.iopub.findLastIndex((message) => message.parent_header.msg_id === answered) + 1);
    await kernel.waitForOutput(() => since().length > 0);
    expect(since()[0]).toMatchObject({ content: { execution_state: "busy" }, parent_header: { msg_id: cell.id } });
    expect(cell.finished).toBe(false);
    kernel.interrupt();
    await kernel.finish(cell);
  });

  test("nothing to a message that it does not know, and lives on", async () => {
    const unknown = kernel.request("no_such_request", {}, { timeout: 100 });
    await expect(unknown).rejects.toThrow("no reply to no_such_request");
    await expect(unknown).rejects.toThrow(/"busy".*"idle"/);
    expect((await kernel.execute("1")).status).toBe("ok");
  });
});

test("kernel.json names absolute programs", async () => {
  const { kernelSpec } = await import(`${ROOT}kernel-helpers/dist/kernel/spec.js`);
  expect(kernelSpec({ node: "/bin/node", launcher: "/w/launcher.js" })).toEqual({
    argv: [
      "/bin/sh",
      `${ROOT}kernel-helpers/bin/kernel.sh`,
      expect.stringMatching(/^\/.*\.blob$/),
      "/bin/node",
      "/w/launcher.js",
      "{connection_file}",
    ],
    display_name: "TypeScript (socket workshop)",
    language: "typescript",
    interrupt_mode: "signal",
    metadata: { debugger: false },
  });
});

test("the kernel runs tslab as it was published", () => {
  const { dependencies } = JSON.parse(readFileSync(`${ROOT}kernel-helpers/package.json`, "utf8"));
  const installed = JSON.parse(readFileSync(`${ROOT}node_modules/tslab/package.json`, "utf8"));
  expect(installed.version).toBe(dependencies.tslab);
});

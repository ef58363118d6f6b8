import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults, type NotebookPage, Scratch } from "../../support/lab/index.js";
import { atMost } from "../../support/time.js";
import { unfolded } from "../../support/unfolded.js";
import type { OneWindow } from "./window.js";

const CELLS = [
  {
    id: "server",
    source: `import { socket, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, choosePort());
server.listen(5);`,
  },
  { id: "waits", source: `const waiting = server.accept();\nconsole.log("it waits");\nawait waiting;` },
  { id: "queued", source: `console.log("must not run");` },
  { id: "next", source: `console.log(\`\${[1, 2].length} fine\`);\nserver.getsockname().address;` },
  {
    id: "fails",
    source: `const rival = socket("rival", AF_INET, SOCK_STREAM);\nrival.bind(LOOPBACK, server.getsockname().port);`,
  },
  {
    id: "arrows",
    source: `const client = socket("client", AF_INET, SOCK_STREAM);
await client.connect(LOOPBACK, server.getsockname().port);
const conversation = await server.accept();
conversation.getpeername().address;
client.close();
conversation.close();`,
  },
  { id: "wrong", source: `server.bind(LOOPBACK, "a port");` },
  { id: "member", source: "server." },
];

export function cells(window: OneWindow): void {
  let notebook: NotebookPage;

  beforeAll(async () => {
    const scratch = new Scratch();
    scratch.write("cells", CELLS);
    notebook = await window.open(scratch.path("cells"));
    await notebook.select("server");
    await notebook.press("Control+Enter");
    expect((await notebook.cell("server")).text).toMatch(/^server {8}listen\(\d+, 5\) = 0$/m);
  });

  afterAll(() => notebook?.close());

  describe("a cell that waits", () => {
    test("shows [*] and is ended by I, I; cells queued behind it are not run", async () => {
      await notebook.select("waits");
      await notebook.pressAndGoOn();
      await notebook.shows("waits", "it waits");
      await notebook.pressAndGoOn(); // "queued", which Shift-Enter has selected
      expect((await notebook.cell("waits")).prompt).toBe("[*]:");
      await notebook.select("next");
      await notebook.page.keyboard.press("i");
      await notebook.page.keyboard.press("i");
      await notebook.idle(atMost(2000));
      await notebook.screenshot("interrupted", "server");
      expect((await notebook.cell("queued")).text).not.toContain("must not run");
      expect(faults([await notebook.cell("waits")]).join()).toContain("Interrupted: The cell was interrupted.");
    });

    test("leaves the kernel and the socket as they were", async () => {
      await notebook.select("next");
      await notebook.press("Control+Enter");
      expect((await notebook.cell("next")).text).toMatch(/^2 fine\n(.*\n)*'127\.0\.0\.1'/m);
    });
  });

  describe("a cell that fails", () => {
    test("shows the call, what it means and the man page, and the line of the cell", async () => {
      await notebook.select("fails");
      await notebook.press("Control+Enter");
      await notebook.screenshot("failed", "next");
      const cell = await notebook.cell("fails");
      expect(faults([cell])).toHaveLength(1);
      expect(unfolded(cell.text)).toMatch(
        /^rival {9}bind\(\d+, 127\.0\.0\.1:\d+\) = -1 EADDRINUSE \(Address already in use\)$/m,
      );
      expect(cell.text).toMatch(/your own handle "server"[\s\S]*man 2 bind/);
      expect(cell.text).toMatch(/^ {4}at cell \[\d+\]:2:7\n {8}rival\.bind\(.*\n {14}\^/m);
      expect(cell.text.match(/^ +at /gm)).toHaveLength(1);
    });

    test("with a mistake in its types says where", async () => {
      await notebook.select("wrong");
      await notebook.press("Control+Enter");
      expect(faults([await notebook.cell("wrong")]).join()).toContain("'string' is not assignable");
    });
  });

  test("arrows are as wide as letters, so the columns of the trace line up", async () => {
    await notebook.select("arrows");
    await notebook.press("Control+Enter");
    const lines = await notebook.lines("arrows");
    expect(lines.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringContaining("← 127"), expect.stringMatching(/^server→1 .*→ 127/)]),
    );
    for (const { text, characters, width } of lines) expect(width, text).toBeCloseTo(characters, 1);
  });

  describe("help while writing", () => {
    test("Shift-Tab on a call shows its documentation", async () => {
      await notebook.edit("server", "bind");
      await notebook.page.keyboard.press("Shift+Tab");
      const tooltip = notebook.page.locator(".jp-Tooltip");
      await tooltip.waitFor();
      await notebook.screenshot("tooltip");
      const text = await tooltip.textContent();
      expect(text).toContain("bind");
      expect(text).toMatch(/man 2 bind/);
      expect(text).toMatch(/EADDRINUSE/);
      await notebook.page.keyboard.press("Escape");
    });

    test("Shift-Tab inside the brackets shows the signature, with the parameter underlined", async () => {
      await notebook.edit("server", "bind(LOOPBACK,");
      await notebook.page.keyboard.press("Shift+Tab");
      const tooltip = notebook.page.locator(".jp-Tooltip");
      await tooltip.waitFor();
      await notebook.screenshot("tooltip-in-brackets");
      const [signature, carets] = (await tooltip.innerText()).trimStart().split("\n");
      expect(signature).toBe("bind(address: string, port?: number): void");
      expect(carets).toBe(`${" ".repeat(22)}${"^".repeat(13)}`);
      await notebook.page.keyboard.press("Escape");
    });

    test("Tab after a handle and a dot lists its calls", async () => {
      await notebook.edit("member", "server.");
      await notebook.page.keyboard.press("Tab");
      const items = notebook.page.locator(".jp-Completer .jp-Completer-match");
      await items.first().waitFor();
      await notebook.screenshot("completion");
      const names = await items.allTextContents();
      expect(names).toEqual(expect.arrayContaining(["bind", "listen", "accept", "connect", "send", "recv", "close"]));
      await notebook.page.keyboard.press("Escape");
    });
  });
}

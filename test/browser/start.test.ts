import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRST_NOTEBOOK, type Lab, NotebookPage, openLab } from "../support/lab/index.js";
import { NOTEBOOKS, notebookNames } from "../support/notebooks.js";
import { closed, preparedWindows } from "./workspace.js";

/** The notebooks as they are now; not as git sees them, for it does not look at outputs. */
const texts = () => notebookNames().map((name) => readFileSync(join(NOTEBOOKS, `${name}.ipynb`), "utf8"));

describe("the address that npm start prints", () => {
  let lab: Lab;
  let notebook: NotebookPage;
  let stopped = false;
  const before = texts();

  beforeAll(async () => {
    lab = await openLab();
    notebook = lab.notebook;
  });

  afterAll(async () => {
    if (!stopped) await lab?.stop();
  });

  test("opens the first notebook with our kernel", async () => {
    await notebook.screenshot("start");
    expect(await lab.page.locator(".jp-KernelName").textContent()).toBe("TypeScript (socket workshop)");
    expect(lab.server.kernels()).toHaveLength(1);
  });

  test("opens without a question and without news", async () => {
    expect(await lab.page.locator(".jp-Dialog").allTextContents()).toEqual([]);
    expect(await lab.page.locator(".Toastify__toast").allTextContents()).toEqual([]);
  });

  test("gives JupyterLab nothing to complain of: no error in the page, nothing asked of the network", () => {
    expect(lab.troubles).toEqual([]);
  });

  test("does not ask whether JupyterLab must be built anew, which runs yarn each time", async () => {
    const asked = await lab.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(asked.filter((address) => address.includes("/lab/api/settings"))).not.toEqual([]);
    expect(asked.filter((address) => address.includes("/lab/api/build"))).toEqual([]);
  });

  preparedWindows(() => lab);

  test("a notebook that is closed takes its kernel along", async () => {
    await NotebookPage.open(lab.page, FIRST_NOTEBOOK);
    const [kernel] = lab.server.kernels();
    expect(kernel).toBeDefined();
    expect((await closed(lab.page, notebook)).status()).toBe(204);
    expect(lab.server.kernels()).toEqual([]);
  });

  test("Ctrl-C ends JupyterLab and a kernel with an open server and a wait", async () => {
    const again = await NotebookPage.open(lab.page, FIRST_NOTEBOOK);
    await again.write(
      "import",
      `import { socket, choosePort, AF_INET, LOOPBACK, SOCK_STREAM } from "kernel-helpers";
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, choosePort());
server.listen(5);
const waiting = server.accept({ timeout: Infinity });`,
    );
    await again.select("import");
    await again.press("Control+Enter");
    expect((await again.cell("import")).text).toMatch(/listen\(\d+, 5\) = 0/);
    expect(lab.server.kernels()).toHaveLength(1);

    stopped = true;
    const { code, left, home, output } = await lab.stop();
    expect({ code, left, home }).toEqual({ code: 0, left: [], home: [] });
    expect(output.split("\n").filter((line) => /Traceback|Error|^\[[WE] /.test(line))).toEqual([]);
  });

  test("leaves the notebooks as they are", () => {
    expect(texts()).toEqual(before);
  });
});

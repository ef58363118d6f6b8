import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faults, type NotebookPage, pickTheme, Scratch } from "../../support/lab/index.js";
import type { OneWindow } from "./window.js";

/** A cell that shows a picture as the pictures of this workshop are shown. */
const picture = (alt: string) => `import { display } from "tslab";
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" rx="8"/></svg>';
display.html(\`<img src="data:image/svg+xml;base64,\${Buffer.from(svg).toString("base64")}" alt="${alt}">\`);`;

const CELLS = [
  { id: "picture", source: picture("a black bar") },
  { id: "runs", source: `console.log(\`run \${(globalThis.runs = (globalThis.runs ?? 0) + 1)}\`);` },
];

export function views(window: OneWindow): void {
  let scratch: Scratch;
  let notebook: NotebookPage;

  beforeAll(async () => {
    scratch = new Scratch();
    scratch.write("views", CELLS);
    notebook = await window.open(scratch.path("views"));
  });

  afterAll(() => notebook?.close());

  test("a picture has its size and its words, in the light and in the dark theme", async () => {
    await notebook.runAll();
    for (const theme of ["JupyterLab Dark", "JupyterLab Light"] as const) {
      await pickTheme(window.page, theme);
      await notebook.screenshot(`views-${theme === "JupyterLab Dark" ? "dark" : "light"}`);
      const { images } = await notebook.cell("picture");
      expect(images).toMatchObject([{ alt: "a black bar", width: 120, height: 40 }]);
      expect(images[0]?.src).toMatch(/^data:image\/svg\+xml;base64,/);
    }
  });

  test("an untrusted copy of the notebook still shows the picture", async () => {
    await notebook.save();
    // JupyterLab knows by their signature the notebooks that were run here; a changed one is a stranger's.
    const saved = readFileSync(scratch.file("views"), "utf8");
    writeFileSync(scratch.file("stranger"), saved.replace("console.log", "console.info"));
    const copy = await window.open(scratch.path("stranger"));
    const { outputs, images } = await copy.cell("picture");
    expect(outputs.map(({ mime }) => mime)).toEqual(["text/html"]);
    expect(images).toMatchObject([{ alt: "a black bar", width: 120, height: 40 }]);
    expect(await copy.isTrusted()).toBe(false);
    await copy.close();
  });

  test("an output's own view follows when its cell is run again", async () => {
    const view = await notebook.newView("runs");
    await notebook.screenshot("new-view");
    expect(await view.textContent()).toBe("run 1\n");
    await notebook.select("runs");
    await notebook.press("Control+Enter");
    await view.getByText("run 2").waitFor();
  });

  test("Restart Kernel and Run All Cells begins from nothing", async () => {
    await notebook.restartAndRunAll();
    const cells = await notebook.cells();
    expect(cells.map(({ count }) => count)).toEqual([1, 2]);
    expect(cells[1]?.text).toBe("run 1\n");
  });

  test("a picture without words, and a cell that was not run, would be found", async () => {
    await notebook.write("picture", picture(""));
    await notebook.select("picture");
    await notebook.press("Control+Enter");
    expect(faults(await notebook.cells())).toEqual([expect.stringContaining("picture: data:image/svg+xml;base64")]);
    scratch.write("fresh", CELLS);
    const fresh = await window.open(scratch.path("fresh"));
    expect(faults(await fresh.cells())).toEqual(["picture: not run", "runs: not run"]);
  });
}

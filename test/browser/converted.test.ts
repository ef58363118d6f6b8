import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asFigure, statesDiagram, tableOfSockets } from "../../kernel-helpers/dist/pictures/index.js";
import { jupyterEnv } from "../../scripts/lib/jupyter-env.mjs";
import { tableRows } from "../pictures/scenes/tables-and-plots.mjs";
import { PROJECT, run } from "../support/child.js";
import { contrast } from "../support/contrast.js";
import { openBrowser, type Watched } from "../support/lab/browser.js";
import { brightness, removeFolders, temporaryFolder } from "../support/lab/index.js";
import { newUser } from "../support/new-user.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

const python = process.env.WORKSHOP_PYTHON ?? join(PROJECT, ".venv", "bin", "python");

/** A notebook that shows a picture and a table, as the helpers show them. */
const html = asFigure(statesDiagram(["CLOSE", "SYN_SENT", "ESTABLISHED"])) + tableOfSockets(tableRows).html;
const outputs = [{ output_type: "display_data", metadata: {}, data: { "text/html": html } }];
const cell = { cell_type: "code", execution_count: 1, id: "shown", metadata: {}, outputs, source: "states(client);" };

let folder: string;
let watched: Watched;

beforeAll(async () => {
  folder = temporaryFolder("converted");
  writeFileSync(
    join(folder, "n.ipynb"),
    JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
  );
  watched = await openBrowser();
});

afterAll(async () => {
  await watched?.browser.close();
  removeFolders();
});

describe.each(["light", "dark"] as const)("a page of nbconvert in its %s theme", (theme) => {
  beforeAll(async () => {
    const env = jupyterEnv(dirname(dirname(python)), newUser(temporaryFolder("home")));
    const args = ["-m", "nbconvert", "--to", "html", "--theme", theme, "--output", theme, join(folder, "n.ipynb")];
    const { code, stderr } = await run(python, args, { env, limit: LONG_PATIENCE_MS });
    expect(code, stderr).toBe(0);
  }, LONG_PATIENCE_MS);

  test.each(["light", "dark"] as const)("has its pictures and tables alike where the system is %s", async (scheme) => {
    const { page } = watched;
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(pathToFileURL(join(folder, `${theme}.html`)).href);
    const { paper } = await brightness(page, page.locator(".workshop-picture"));
    if (theme === "dark") expect(paper).toBeLessThan(0.05);
    else expect(paper).toBeGreaterThan(0.85);
    const [ink, row] = await page
      .locator(".workshop-table td")
      .last()
      .evaluate((element) => {
        const { getComputedStyle } = globalThis as unknown as {
          getComputedStyle(of: unknown): { color: string; backgroundColor: string };
        };
        const { parentElement } = element as unknown as { parentElement: unknown };
        return [getComputedStyle(element).color, getComputedStyle(parentElement).backgroundColor];
      });
    expect(contrast(ink!, row!)).toBeGreaterThan(4.5);
  });

  test("shows a picture large after a click", async () => {
    const picture = watched.page.locator(".workshop-picture");
    const width = async () => (await picture.boundingBox())?.width ?? 0;
    const before = await width();
    await picture.click();
    expect(await width()).toBeGreaterThan(1.5 * before);
  });
});

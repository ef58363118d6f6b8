import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT } from "../../support/child.js";
import { Command } from "../../support/command.js";
import { type NotebookPage, Scratch, temporaryFolder } from "../../support/lab/index.js";
import { pick } from "../../support/lab/menus.js";
import { newUser } from "../../support/new-user.js";
import { type Repository, repositoryOf, runModule } from "../../support/repository.js";
import type { OneWindow } from "./window.js";

// What JupyterLab really writes into a notebook that a learner has worked in, and what git and `npm run reset` say of it.

const NAME = "01-connection-procedure";
const PATH = `notebooks/${NAME}.ipynb`;
const MINE = 'const client = socket("client", AF_INET, SOCK_STREAM); // mine';

export function saved(window: OneWindow): void {
  let notebook: NotebookPage;
  let scratch: Scratch;
  let clone: Repository;

  beforeAll(async () => {
    scratch = new Scratch();
    const folder = join(temporaryFolder("clone"), "the workshop");
    mkdirSync(folder);
    for (const part of [".gitattributes", "scripts", "notebooks"]) {
      cpSync(join(PROJECT, part), join(folder, part), {
        recursive: true,
        filter: (path) => !/\.ipynb_checkpoints|__pycache__/.test(path),
      });
    }
    cpSync(scratch.file(NAME), join(folder, PATH));
    clone = repositoryOf(folder);
    expect(runModule(folder, "./scripts/lib/notebook-filter.mjs", "setUpNotebookFilter")).toMatchObject({ stderr: "" });
    notebook = await window.open(scratch.path(NAME));
  });

  afterAll(() => notebook?.close());

  /** The lines that git shows as changed when the clone has what JupyterLab has saved. */
  async function changes(): Promise<string[]> {
    await notebook.save();
    cpSync(scratch.file(NAME), join(clone.folder, PATH));
    const lines = clone.git("diff").split("\n");
    return lines.filter((line) => /^[+-](?![+-]{2} )/.test(line)).map((line) => line.trim());
  }

  test("a notebook that was run and saved is no change for git", { timeout: 90_000 }, async () => {
    await notebook.runAll();
    expect(await changes()).toEqual([]);
    expect(readFileSync(scratch.file(NAME), "utf8")).toContain("listen(");
    expect(
      JSON.parse(readFileSync(scratch.file(NAME), "utf8")).cells.some((cell: { outputs?: [] }) => cell.outputs?.length),
    ).toBe(true);
  });

  test("neither is a solution that was opened, and an output that was folded", async () => {
    await window.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPlaceholder").last().click();
    await notebook.select("look-listening");
    await pick(window.page, "View", "Collapse Selected Outputs");
    expect(await changes()).toEqual([]);
    const saved = JSON.parse(readFileSync(scratch.file(NAME), "utf8"));
    const metadata = (id: string) => saved.cells.find((cell: { id: string }) => cell.id === id).metadata;
    expect(metadata("look-listening")).not.toEqual({});
    expect(metadata("solution-cell").jupyter?.source_hidden).not.toBe(true);
  });

  test("one line that was written is a change of that line", async () => {
    await notebook.write("client-socket", MINE);
    expect(await changes()).toEqual([
      String.raw`-    "const client = socket(\"client\", AF_INET, SOCK_STREAM);"`,
      `+    ${JSON.stringify(MINE)}`,
    ]);
  });

  /** Runs `npm run reset` for the notebook that is open; gives the folder in which it kept what was written. */
  async function reset(): Promise<string> {
    const args = ["scripts/reset.mjs", NAME, `--folder=${scratch.folder}`, "--yes"];
    const { output } = await new Command(process.execPath, args, PROJECT, newUser(temporaryFolder("home"))).ended;
    expect(output).toContain(`${NAME}.ipynb: cells: 1 changed\n`);
    return /What you wrote is in (.*)\n/.exec(output)?.[1] ?? "";
  }

  test("npm run reset keeps it, and Reload Notebook from Disk shows the workshop's", async () => {
    const kept = await reset();
    expect(JSON.parse(readFileSync(join(kept, `${NAME}.ipynb`), "utf8")).cells).toContainEqual(
      expect.objectContaining({ id: "client-socket", source: [MINE] }),
    );
    await pick(window.page, "File", "Reload Notebook from Disk");
    await window.page.getByText("// mine").waitFor({ state: "detached" });
    await notebook.screenshot("reset-reloaded", "client-socket");
    expect((await notebook.cell("client-socket")).outputs).toEqual([]);
    expect(await changes()).toEqual([]);
  });

  test("a notebook that goes on after a reset is not saved over it without a question, and Revert shows the workshop's", async () => {
    await notebook.write("client-socket", MINE);
    await notebook.save();
    await reset();
    await notebook.write("client-socket", `${MINE} too`);
    await pick(window.page, "File", "Save Notebook");
    await window.page.locator(".jp-Dialog").getByRole("button", { name: "Revert" }).waitFor();
    await notebook.screenshot("reset-asks");
    await window.page.locator(".jp-Dialog").getByRole("button", { name: "Revert" }).click();
    await window.page.getByText("// mine").waitFor({ state: "detached" });
  });
}

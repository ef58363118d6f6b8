import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { committedText, notebookNames } from "../support/notebooks.js";
import { type Repository, repositoryOf, runModule } from "../support/repository.js";
import { newFolder, notebooksAndScripts, project } from "./project-copy.js";

const NOTEBOOK = "notebooks/01-connection-procedure.ipynb";

const clean = (input: string | Buffer): Buffer =>
  execFileSync(process.execPath, [join(project, "scripts", "clean-notebook.mjs")], { input });

/** What the set-up does for it, without the rest; gives what it says. */
function setUpFilter(copy: string): string {
  const { status, stderr } = runModule(copy, "./scripts/lib/notebook-filter.mjs", "setUpNotebookFilter");
  expect(status, stderr).toBe(0);
  return stderr;
}

/** A clone as `npm start` leaves it. */
function cloned(): Repository {
  const repository = repositoryOf(notebooksAndScripts());
  expect(setUpFilter(repository.folder)).toBe("");
  return repository;
}

/** Leaves in a notebook what a run and some clicks leave, in the form of another editor. */
function run(folder: string, change = (source: string) => source): void {
  const path = join(folder, NOTEBOOK);
  const notebook = JSON.parse(readFileSync(path, "utf8"));
  for (const cell of notebook.cells) {
    cell.source = change(cell.source.join(""));
    if (cell.cell_type === "markdown") cell.metadata.heading_collapsed = true;
    if (cell.cell_type !== "code") continue;
    cell.execution_count = 7;
    cell.outputs = [{ output_type: "stream", name: "stdout", text: "done\n" }];
    cell.metadata = { scrolled: true, collapsed: false, execution: { "iopub.status.busy": "now" }, ...cell.metadata };
    if (cell.metadata.jupyter) cell.metadata.jupyter = { outputs_hidden: true };
  }
  writeFileSync(path, JSON.stringify(notebook, null, 4));
}

/** The lines that git shows as changed. */
const changes = (repository: Repository): string[] =>
  repository
    .git("diff")
    .split("\n")
    .filter((line) => /^[+-](?![+-]{2} )/.test(line));

describe("the filter", () => {
  test.each(notebookNames())("leaves %s as it is committed", (name) => {
    const text = committedText(name);
    // Otherwise: node scripts/clean-notebook.mjs < the notebook > another file, and move that over it.
    expect(clean(text).toString("utf8") === text).toBe(true);
  });

  test.each([
    ["the marks of a merge", "<<<<<<< HEAD\n{}\n"],
    ["other JSON", '{"cells": 3}'],
    ["nothing", ""],
    ["bytes that are no text", Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])],
  ])("lets %s pass as it is", (_what, input) => {
    expect(clean(input).equals(Buffer.from(input))).toBe(true);
  });

  test("keeps ids, tags, attachments, every letter, and a source without a line's end", () => {
    const cell = {
      cell_type: "code",
      execution_count: 3,
      id: "z-1",
      metadata: { tags: ["exercise"], editable: false },
      outputs: [{}],
      source: ["a\u2028b \u0007 é \u{1f40d}\\u0041\r\n", "", "last"],
    };
    const note = {
      attachments: { "a.png": { "image/png": "AA==" } },
      cell_type: "markdown",
      id: "n",
      metadata: {},
      source: "",
    };
    const { cells } = JSON.parse(clean(JSON.stringify({ nbformat: 4, metadata: {}, cells: [cell, note] })).toString());
    expect(cells).toEqual([
      { ...cell, execution_count: null, outputs: [], source: ["a\u2028b \u0007 é \u{1f40d}\\u0041\r\n", "last"] },
      { ...note, source: [] },
    ]);
  });
});

describe("in a clone that is set up", () => {
  test("a notebook that was only run is no change", () => {
    const repository = cloned();
    run(repository.folder);
    expect(changes(repository)).toEqual([]);
    // npm start does it, before JupyterLab runs and after its end.
    expect(runModule(repository.folder, "./scripts/lib/notebook-filter.mjs", "forgetRuns").status).toBe(0);
    expect(repository.git("status", "--porcelain")).toBe("");
  });

  test("one line that was written is a change of one line, and it is committed without what the run left", () => {
    const repository = cloned();
    run(repository.folder, (source) => source.replace("await client.connect(LOOPBACK, PORT);", "await mine();"));
    expect(changes(repository).map((line) => line.trim())).toEqual([
      '-    "await client.connect(LOOPBACK, PORT);"',
      '+    "await mine();"',
    ]);
    repository.commit("mine");
    const committed = repository.git("show", `HEAD:${NOTEBOOK}`);
    expect(committed).toContain("await mine();");
    expect(committed).not.toMatch(/"execution_count": \d|"done/);
  });

  test("what was written and what was removed is not taken for a run", () => {
    const repository = cloned();
    run(repository.folder, (source) => source.replace("server.listen(5);", "server.listen(6);"));
    rmSync(join(repository.folder, "notebooks", "02-bind.ipynb"));
    setUpFilter(repository.folder);
    expect(repository.git("status", "--porcelain")).toBe(` M ${NOTEBOOK}\n D notebooks/02-bind.ipynb\n`);
  });

  test("a pull brings the newest of a notebook that was only run", () => {
    const upstream = repositoryOf(notebooksAndScripts());
    const clone = upstream.clone(join(newFolder("clone"), "workshop"));
    setUpFilter(clone.folder);
    run(clone.folder);
    const path = join(upstream.folder, NOTEBOOK);
    const newer = readFileSync(path, "utf8").replace("server.listen(5);", "server.listen(6);");
    writeFileSync(path, newer);
    upstream.commit("newer");
    setUpFilter(clone.folder);
    clone.git("pull", "--quiet", "--ff-only");
    expect(readFileSync(join(clone.folder, NOTEBOOK), "utf8")).toBe(newer);
  });

  test("a second set-up changes nothing", () => {
    const repository = cloned();
    const before = readFileSync(join(repository.folder, ".git", "config"), "utf8");
    setUpFilter(repository.folder);
    expect(readFileSync(join(repository.folder, ".git", "config"), "utf8")).toBe(before);
  });

  test("it goes on when the clone has moved, and when its Node is gone", () => {
    const repository = cloned();
    const config = repository.git("config", "filter.socket-workshop.clean");
    repository.git("config", "filter.socket-workshop.clean", config.trim().replace(process.execPath, "/gone/node"));
    const moved = `${repository.folder} 'moved'`;
    renameSync(repository.folder, moved);
    run(moved);
    const after = new (repository.constructor as typeof Repository)(moved);
    expect(changes(after)).toEqual([]);
    rmSync(moved, { recursive: true });
  });

  test("git works without any Node, and in a commit without the filter's script", () => {
    const repository = cloned();
    run(repository.folder);
    rmSync(join(repository.folder, "scripts"), { recursive: true });
    expect(changes(repository).length).toBeGreaterThan(100);
    repository.git("checkout", "--quiet", "--", "scripts");
    const config = repository.git("config", "filter.socket-workshop.clean").trim();
    const withoutNode = config.replace(/ in '.*' node;/, " in '/gone/node' no-such-node;");
    expect(withoutNode).not.toBe(config);
    repository.git("config", "filter.socket-workshop.clean", withoutNode);
    expect(changes(repository).length).toBeGreaterThan(100);
  });

  test("it works in a folder of a larger repository", () => {
    const larger = newFolder("larger");
    const inner = join(larger, "the 'inner' one");
    cpSync(notebooksAndScripts(), inner, { recursive: true });
    const repository = repositoryOf(larger);
    expect(setUpFilter(inner)).toBe("");
    run(inner);
    expect(changes(repository)).toEqual([]);
  });
});

describe("git's configuration is left alone", () => {
  test("in a folder from a zip", () => {
    const copy = notebooksAndScripts();
    expect(setUpFilter(copy)).toBe("");
  });

  test("of a repository around it that does not have the workshop", () => {
    const around = newFolder("around");
    writeFileSync(join(around, "other.txt"), "other");
    writeFileSync(join(around, ".gitignore"), "workshop\n");
    const repository = repositoryOf(around);
    const inner = join(around, "workshop");
    cpSync(notebooksAndScripts(), inner, { recursive: true });
    setUpFilter(inner);
    expect(readFileSync(join(repository.folder, ".git", "config"), "utf8")).not.toContain("filter");
  });

  test("with a word about it when it cannot be written", () => {
    const repository = repositoryOf(notebooksAndScripts());
    mkdirSync(join(repository.folder, ".git", "config.lock"));
    expect(setUpFilter(repository.folder)).toMatch(/^– `git diff` will show the outputs .* cannot be written\.\n$/);
  });
});

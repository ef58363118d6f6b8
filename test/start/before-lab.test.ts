import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newUser } from "../support/new-user.js";
import { newFolder, project } from "./project-copy.js";

const python = process.env.WORKSHOP_PYTHON ?? join(project, ".venv", "bin", "python");
const NOTEBOOK = join("notebooks", "01-connection-procedure.ipynb");

/** Runs statements that have the modules of scripts/lib; gives what they print. */
const runPython = (statements: string, ...args: string[]) =>
  execFileSync(python, ["-B", "-c", `import json, sys\n${statements}`, ...args], {
    cwd: join(project, "scripts", "lib"),
    env: newUser(newFolder("home")),
    encoding: "utf8",
  });

/** A folder with notebook 01 in its place. */
function folderWith(text: string): string {
  const root = newFolder("root");
  mkdirSync(join(root, "notebooks"));
  writeFileSync(join(root, NOTEBOOK), text);
  return root;
}

describe("the prepared workspace", () => {
  const write = (folder: string, root: string) =>
    JSON.parse(runPython("import workspace; print(json.dumps(workspace.write(*sys.argv[1:])))", folder, root));
  const notebook = (...ids: string[]) => JSON.stringify({ cells: ids.map((id) => ({ id })) });

  test("is written anew when the panel's cell has moved", () => {
    const folder = newFolder("workspaces");
    for (const [index, ids] of [
      [1, ["import", "panel"]],
      [2, ["import", "added", "panel"]],
    ] as const) {
      expect(write(folder, folderWith(notebook(...ids)))).toBe("side-by-side");
      const [file = "", ...others] = readdirSync(folder);
      expect(others).toEqual([]);
      const { data } = JSON.parse(readFileSync(join(folder, file), "utf8"));
      expect(data).toHaveProperty([`cloned-outputs:${NOTEBOOK}:${index}`], { data: { path: NOTEBOOK, index } });
    }
  });

  test.each([
    ["no panel's cell", folderWith.bind(null, notebook("import"))],
    ["a damaged notebook", folderWith.bind(null, "<<<<<<< HEAD")],
    ["no notebook", () => newFolder("root")],
  ])("is not offered when there is %s", (_what, makeRoot) => {
    const folder = newFolder("workspaces");
    expect(write(folder, makeRoot())).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("notebooks without outputs are signed, and one that brings outputs is not", () => {
  const folder = newFolder("notebooks");
  copyFileSync(join(project, NOTEBOOK), join(folder, "plain.ipynb"));
  const plain = JSON.parse(readFileSync(join(project, NOTEBOOK), "utf8"));
  const cell = plain.cells.find((one: { cell_type: string }) => one.cell_type === "code");
  cell.metadata.trusted = true;
  cell.outputs = [{ output_type: "display_data", metadata: {}, data: { "text/html": "<b>a stranger's</b>" } }];
  writeFileSync(join(folder, "brings.ipynb"), JSON.stringify(plain));
  writeFileSync(join(folder, "damaged.ipynb"), "<<<<<<< HEAD");
  const printed = runPython(
    `import nbformat, trust
from nbformat.sign import NotebookNotary
notary = NotebookNotary(data_dir=sys.argv[2])
trust.sign(sys.argv[1], notary)
signed = lambda name: notary.check_signature(nbformat.read(f"{sys.argv[1]}/{name}.ipynb", as_version=4))
print(json.dumps([signed("plain"), signed("brings")]))`,
    folder,
    newFolder("data"),
  );
  expect(JSON.parse(printed)).toEqual([true, false]);
});

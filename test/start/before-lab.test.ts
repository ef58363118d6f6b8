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

/** A folder with these notebooks. */
function folderWith(notebooks: Record<string, string>): string {
  const root = newFolder("root");
  mkdirSync(join(root, "notebooks"));
  for (const [name, text] of Object.entries(notebooks)) writeFileSync(join(root, "notebooks", `${name}.ipynb`), text);
  return root;
}

describe("the prepared windows", () => {
  const FIRST = "00-start-here";
  const write = (folder: string, root: string) =>
    JSON.parse(runPython("import workspace; print(json.dumps(workspace.write(*sys.argv[1:])))", folder, root, FIRST));
  const notebook = (...ids: string[]) => JSON.stringify({ cells: ids.map((id) => ({ id })) });
  const written = (folder: string): Array<{ data: object; metadata: { id: string } }> =>
    readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));

  test("are written anew when the panel's cell has moved", () => {
    const folder = newFolder("workspaces");
    const path = `notebooks/${FIRST}.ipynb`;
    for (const [index, ids] of [
      [1, ["import", "panel"]],
      [2, ["import", "added", "panel"]],
    ] as const) {
      expect(write(folder, folderWith({ [FIRST]: notebook(...ids) }))).toEqual([FIRST]);
      const [workspace, ...others] = written(folder);
      expect(others).toEqual([]);
      expect(workspace?.metadata.id).toBe(FIRST);
      expect(workspace?.data).toHaveProperty([`cloned-outputs:${path}:${index}`], { data: { path, index } });
    }
  });

  test("are those of the notebooks that have a panel", () => {
    const folder = newFolder("workspaces");
    const root = folderWith({
      [FIRST]: notebook("panel"),
      "01-second": notebook("panel"),
      "02-without": notebook("import"),
      "03-damaged": "<<<<<<< HEAD",
      "04-other-json": '["no notebook"]',
      "05-a name %20 that is no address": notebook("panel"),
      "my-own": notebook("panel"),
    });
    expect(write(folder, root)).toEqual([FIRST, "01-second"]);
    expect(written(folder).map(({ metadata }) => metadata.id)).toEqual([FIRST, "01-second"]);
  });

  test.each([
    ["no panel", () => folderWith({ [FIRST]: notebook("import") })],
    ["a damaged notebook", () => folderWith({ [FIRST]: "<<<<<<< HEAD" })],
    ["no notebook", () => newFolder("root")],
  ])("the first one, where JupyterLab opens, is there with %s too", (_what, makeRoot) => {
    const folder = newFolder("workspaces");
    expect(write(folder, makeRoot())).toEqual([FIRST]);
    const [workspace] = written(folder);
    expect(workspace?.data).toHaveProperty([`notebook:notebooks/${FIRST}.ipynb`]);
    expect(JSON.stringify(workspace)).not.toContain("cloned-outputs");
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

describe("after a save", () => {
  const save = "after_save(os_path=os.path.join(folder, path), model={}, contents_manager=None)";

  test("git is told, and the save does not wait for it", () => {
    const folder = newFolder("project");
    // In Node's place: tells with what it was called, to who opens the fifo after the saves.
    writeFileSync(join(folder, "node"), `#!/bin/sh\necho "$1" >'${folder}/fifo'\n`, { mode: 0o755 });
    const statements = `
import os, saves
folder, path = sys.argv[1], "notebooks/01.ipynb"
os.mkfifo(os.path.join(folder, "fifo"))
after_save = saves.hook(folder, os.path.join(folder, "node"))
${save}
${save}
print(json.dumps(open(os.path.join(folder, "fifo")).readline()))
after_save = saves.hook(folder, "/gone/node")
${save}
`;
    expect(JSON.parse(runPython(statements, folder))).toBe(`${join(folder, "scripts", "forget-runs.mjs")}\n`);
  });

  test("only of the workshop's own notebooks", () => {
    const statements = `
import os, saves
told = []
class Event:
    set = lambda self: told.append(path)
saves.threading.Event = Event
saves.threading.Thread = lambda **_: type("Never", (), {"start": lambda self: None})()
folder = sys.argv[1]
after_save = saves.hook(folder, "node")
for path in ("notes.md", "other.ipynb", "notebooks/notes.md", "notebooks/../other.ipynb", "notebooks/01.ipynb"):
    ${save}
print(json.dumps(told))
`;
    expect(JSON.parse(runPython(statements, newFolder("project")))).toEqual(["notebooks/01.ipynb"]);
  });
});

test("one message of pyzmq is not shown, and every other is", () => {
  const statements = `
import logging, workshop_lab
log = logging.getLogger("tornado.general")
log.addFilter(workshop_lab.without_harmless)
seen = []
handler = logging.Handler()
handler.emit = lambda record: seen.append(record.getMessage())
log.addHandler(handler)
import zmq
from zmq.eventloop.zmqstream import ZMQStream
stream = ZMQStream.__new__(ZMQStream)
stream.socket = None
stream._handle_events(0, 0)
log.warning("Got events for stream %s after terminating context", stream)
print(json.dumps(len(seen)))
`;
  // The first is what pyzmq says itself: were it of other words, there would be two.
  expect(JSON.parse(runPython(statements))).toBe(1);
});

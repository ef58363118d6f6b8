import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { asOrdinaryUser } from "../support/ordinary-start.js";
import { repositoryOf, runModule } from "../support/repository.js";
import { newFolder, notebooksAndScripts, project } from "./project-copy.js";

const FIRST = "00-start-here.ipynb";
const SECOND = "01-connection-procedure.ipynb";

interface Raw {
  cells: Array<{
    id: string;
    cell_type: string;
    source: string[];
    outputs?: object[];
    execution_count?: number | null;
  }>;
}

const original = (name: string) => readFileSync(join(project, "notebooks", name), "utf8");

/** Changes a notebook as an editor does: its form may become another one, too. */
function edit(path: string, change: (notebook: Raw) => void): string {
  const notebook = JSON.parse(readFileSync(path, "utf8")) as Raw;
  change(notebook);
  const text = JSON.stringify(notebook, null, 2);
  writeFileSync(path, text);
  return text;
}

function write({ cells }: Raw): void {
  const cell = cells.find(({ id }) => id === "socket");
  cell?.source.push("\n// mine");
  cells.push({ id: "added", cell_type: "markdown", source: ["A note of mine."] });
}

function run({ cells }: Raw): void {
  for (const [index, cell] of cells.filter((one) => one.cell_type === "code").entries()) {
    cell.execution_count = index + 1;
    cell.outputs = [{ output_type: "stream", name: "stdout", text: ["done\n"] }];
  }
}

const reset = (copy: string, ...args: string[]) =>
  new Command(process.execPath, [join("scripts", "reset.mjs"), ...args], copy, newUser(newFolder("home"))).ended;

/** In a terminal, which `script` makes, with this answer. */
async function resetInTerminal(copy: string, answer: string) {
  const child = spawn("script", ["-qec", `'${process.execPath}' scripts/reset.mjs`, "/dev/null"], { cwd: copy });
  onTestFinished(() => void child.kill());
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const asked = output.includes("[y/N]");
    output += text;
    if (!asked && output.includes("[y/N]")) child.stdin.write(answer);
  });
  const [code] = await once(child, "close");
  return { code, output: output.replaceAll("\r", "") };
}

/** Everything that was kept, by its path below before-reset, the date left out. */
function kept(folder: string): Record<string, string> {
  const all = join(folder, "before-reset");
  if (!existsSync(all)) return {};
  const files = readdirSync(all, { recursive: true, encoding: "utf8" }).filter((path) => /\.(ipynb|json)$/.test(path));
  return Object.fromEntries(files.map((path) => [path.replace(/^[^/]+\//, ""), readFileSync(join(all, path), "utf8")]));
}

let ready = "";
afterAll(() => {
  if (ready !== "") rmSync(ready, { recursive: true });
});

/** A folder from a zip, as the first set-up leaves its notebooks: that is done once, and copied. */
function afterFirstSetUp(): string {
  if (ready === "") {
    ready = notebooksAndScripts(() => {});
    keepOriginals(ready);
  }
  const copy = newFolder("socket workshop");
  execFileSync("cp", ["-R", `${ready}/.`, copy]);
  return copy;
}

describe("in a folder from a zip, after the first set-up", () => {
  let copy: string;
  let notebooks: string;

  beforeEach(() => {
    copy = afterFirstSetUp();
    notebooks = join(copy, "notebooks");
  });

  test("what is written is put back and kept, what is only run is put back, and what is the learner's own stays", async () => {
    const mine = edit(join(notebooks, FIRST), write);
    edit(join(notebooks, SECOND), run);
    rmSync(join(notebooks, "02-bind.ipynb"));
    writeFileSync(join(notebooks, "recorded", "real-time.json"), "{}");
    writeFileSync(join(notebooks, "my-own.ipynb"), "mine");
    const { code, output } = await reset(copy, "--yes");
    expect(output).toContain("made by the first `npm start`");
    expect(output).toContain(`${FIRST}: cells: 1 changed, 1 added\n`);
    expect(output).toContain(`${SECOND}: run, and nothing written\n`);
    expect(output).toContain("02-bind.ipynb: missing\n");
    expect(output).toContain("recorded/real-time.json: changed\n");
    expect(code).toBe(0);
    for (const name of [FIRST, SECOND, "02-bind.ipynb", "recorded/real-time.json"]) {
      expect(readFileSync(join(notebooks, name), "utf8"), name).toBe(original(name));
    }
    expect(kept(notebooks)).toEqual({ [FIRST]: mine, "recorded/real-time.json": "{}" });
    expect(output).toContain(`What you wrote is in ${join(notebooks, "before-reset")}/`);
    expect(readFileSync(join(notebooks, "my-own.ipynb"), "utf8")).toBe("mine");
    expect((await reset(copy)).output).toContain("✓ Nothing to put back.");
  });

  test("a later set-up takes nothing that was written for the workshop's", async () => {
    edit(join(notebooks, FIRST), write);
    keepOriginals(copy);
    await reset(copy, "--yes");
    expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(original(FIRST));
  });

  test("a newer version that is unpacked over it is what counts then", async () => {
    edit(join(notebooks, FIRST), write);
    const file = join(copy, "package.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"version": ".*?"/, '"version": "99.0.0"'));
    keepOriginals(copy);
    edit(join(notebooks, FIRST), ({ cells }) => void cells.pop());
    await reset(copy, "--yes");
    const { cells } = JSON.parse(readFileSync(join(notebooks, FIRST), "utf8"));
    expect(cells.at(-1)).toMatchObject({ id: "added", source: ["A note of mine."] });
  });

  test("two resets within one second keep both", async () => {
    const texts = [];
    for (const note of ["one", "two", "three"]) {
      texts.push(edit(join(notebooks, FIRST), ({ cells }) => void cells[0]?.source.push(note)));
      await reset(copy, "--yes");
    }
    const folders = readdirSync(join(notebooks, "before-reset"));
    expect(folders).toHaveLength(3);
    expect(folders.map((name) => readFileSync(join(notebooks, "before-reset", name, FIRST), "utf8")).sort()).toEqual(
      texts.sort(),
    );
  });

  test.each(["01", "1", "01-conn", "01-connection-procedure", "notebooks/01-connection-procedure.ipynb"])(
    "%s puts back that one alone",
    async (name) => {
      const mine = edit(join(notebooks, FIRST), write);
      edit(join(notebooks, SECOND), ({ cells }) => void cells.pop());
      expect((await reset(copy, name, "--yes")).output).toContain(`✓ Put back: ${SECOND}\n`);
      expect(readFileSync(join(notebooks, SECOND), "utf8")).toBe(original(SECOND));
      expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(mine);
    },
  );

  test("a damaged notebook is put back, and kept as it is", async () => {
    writeFileSync(join(notebooks, FIRST), "<<<<<<< HEAD");
    expect((await reset(copy, "--yes")).output).toContain(`${FIRST}: damaged`);
    expect(kept(notebooks)).toEqual({ [FIRST]: "<<<<<<< HEAD" });
    expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(original(FIRST));
  });

  test.each([
    ["a name that nobody has", ["9"], /^✗ There is no notebook "9": there are 00-start-here, 01-/m],
    ["an option that nobody has", ["--all"], /^✗ There is no option --all\. Use: npm run reset -- /],
    ["an option without its value", ["--from"], /^✗ --from needs a value, as in --from=VALUE\. Use: /],
    ["an option whose value is another one", ["--folder", "--yes"], /^✗ --folder needs a value, .* Use: /],
    ["a value that nobody wants", ["--yes=no"], /^✗ --yes takes no value\. Use: /],
    ["a commit without git", ["--from=HEAD"], /^✗ git has no notebooks of "HEAD" here: /m],
    ["no terminal to ask in", [], /^✗ There is no terminal .*`npm run reset -- --yes`/m],
  ])("%s is refused, and nothing is changed", async (_what, args, sentence) => {
    const mine = edit(join(notebooks, FIRST), write);
    const { code, output } = await reset(copy, ...args);
    expect(output).toMatch(sentence);
    expect(code).toBe(1);
    expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(mine);
    expect(kept(notebooks)).toEqual({});
  });

  test.each([
    ["y", "y\n", true],
    ["Return", "\n", false],
    ["Ctrl-C", "\x03", false],
    ["the end of the input", "\x04", false],
  ])("asks, and takes %s for an answer", async (_what, answer, agreed) => {
    const mine = edit(join(notebooks, FIRST), write);
    const { code, output } = await resetInTerminal(copy, answer);
    expect(output).toContain("Put it back? What you wrote is kept. [y/N]");
    expect(output).toContain(agreed ? "✓ Put back" : "Nothing was changed.");
    expect(code).toBe(0);
    expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(agreed ? original(FIRST) : mine);
    expect(kept(notebooks)).toEqual(agreed ? { [FIRST]: mine } : {});
  });

  test.each([
    ["a full disk stops it", "error=ENOSPC", 1, /✗ The disk is full \(ENOSPC\): .* Nothing that you wrote is lost\./],
    ["it is killed", "signal=KILL", null, /Compared with/],
  ])(
    "when %s half-way, everything that was written is there, and the next one goes on",
    async (_what, fault, code, said) => {
      const mine = edit(join(notebooks, FIRST), write);
      const mineToo = edit(join(notebooks, SECOND), ({ cells }) => void cells.pop());
      const renames = ["-f", "-qq", "-o", "/dev/null", "-e", `inject=/^rename:${fault}:when=2`];
      const again = [process.execPath, "scripts/reset.mjs", "--yes"];
      const ended = await new Command("strace", [...renames, ...again], copy, newUser(newFolder("home"))).ended;
      expect(ended.output).toMatch(said);
      expect(ended.code).toBe(code);
      expect(kept(notebooks)).toEqual({ [FIRST]: mine, [SECOND]: mineToo });
      expect(readFileSync(join(notebooks, FIRST), "utf8")).toBe(original(FIRST));
      expect(readFileSync(join(notebooks, SECOND), "utf8")).toBe(mineToo);
      expect((await reset(copy, "--yes")).output).toContain(`✓ Put back: ${SECOND}\n`);
      expect(readFileSync(join(notebooks, SECOND), "utf8")).toBe(original(SECOND));
    },
  );
});

test("before the first set-up, without git, it says where the notebooks come from", async () => {
  const { code, output } = await reset(notebooksAndScripts(), "--yes");
  expect(output).toMatch(
    /^✗ This folder has no copies of the workshop's notebooks: the first `npm start` makes them\. .*there is nothing to put back\./,
  );
  expect(code).toBe(1);
});

test("a learner's folder elsewhere is put back from the project's, and its copies stay with the learner", async () => {
  const copy = notebooksAndScripts();
  const theirs = join(newFolder("learner"), "workshop");
  cpSync(join(copy, "notebooks"), theirs, { recursive: true });
  // Whoever looks after the server has tried the notebooks.
  edit(join(copy, "notebooks", FIRST), run);
  const mine = edit(join(theirs, FIRST), write);
  const { output } = await reset(copy, `--folder=${theirs}`, "--yes");
  expect(output).toContain(`Compared with ${join(copy, "notebooks")}:`);
  expect(readFileSync(join(theirs, FIRST), "utf8")).toBe(original(FIRST));
  expect(kept(theirs)).toEqual({ [FIRST]: mine });
  expect(existsSync(join(copy, "notebooks", "before-reset"))).toBe(false);
});

describe("a folder that is named", () => {
  const DEFAULT = /--folder=FOLDER names the folder in which your notebooks are/;

  test("is looked for where it was typed, not where npm goes", async () => {
    const copy = notebooksAndScripts();
    const learner = newFolder("learner");
    cpSync(join(copy, "notebooks"), join(learner, "mine"), { recursive: true });
    edit(join(learner, "mine", FIRST), write);
    const npm = ["run", `--prefix=${copy}`, "reset", "--", "--folder=mine", "--yes"];
    const env = newUser(newFolder("home"), { npm_config_update_notifier: "false" });
    const { code, output } = await new Command("npm", npm, learner, env).ended;
    expect(output).toContain(`✓ Put back: ${FIRST}\n`);
    expect(code).toBe(0);
    expect(readFileSync(join(learner, "mine", FIRST), "utf8")).toBe(original(FIRST));
    // As in a terminal of a JupyterLab that was started somewhere else.
    const inherited = newUser(newFolder("home"), { npm_lifecycle_event: "start", INIT_CWD: copy });
    const script = join(copy, "scripts", "reset.mjs");
    const again = await new Command(process.execPath, [script, "--folder=mine"], learner, inherited).ended;
    expect(again.output).toContain("✓ Nothing to put back.");
  });

  test("but is not there, is not made", async () => {
    const copy = notebooksAndScripts();
    const wrong = join(newFolder("learner"), "notebookz");
    const { code, output } = await reset(copy, `--folder=${wrong}`, "--yes");
    expect(output).toMatch(/^✗ There is no folder .*\/notebookz, and none was made\. /);
    expect(output).toMatch(DEFAULT);
    expect(code).toBe(1);
    expect(existsSync(wrong)).toBe(false);
  });

  test("and has none of the notebooks, is left as it is; what is advised brings them there", async () => {
    const copy = notebooksAndScripts();
    const folder = newFolder("learner");
    writeFileSync(join(folder, "letter.ipynb"), "mine");
    const { code, output } = await reset(copy, `--folder=${folder}`, "--yes");
    expect(output).toMatch(/^✗ None of the workshop's notebooks is in .*, and nothing was changed\. /);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(["letter.ipynb"]);
    const [, advice = ""] = /`(cp .*)`/.exec(output) ?? [];
    execFileSync("sh", ["-euc", advice]);
    expect((await reset(copy, `--folder=${folder}`)).output).toContain("✓ Nothing to put back.");
  });

  test.each([
    ["nothing", "", /^✗ --folder= names nothing\. /],
    ["a file", join(project, "package.json"), /^✗ .*\/package\.json is no folder\. /],
  ])("is %s: it is refused", async (_what, folder, sentence) => {
    const { code, output } = await reset(notebooksAndScripts(), `--folder=${folder}`, "--yes");
    expect(output).toMatch(sentence);
    expect(output).toMatch(DEFAULT);
    expect(code).toBe(1);
  });
});

describe("for an ordinary user", () => {
  const resetTheirs = (copy: string) => {
    const own = ["node", join("scripts", "reset.mjs"), "--folder=notebooks", "--yes"];
    const started = asOrdinaryUser(copy, newFolder("outside"), own);
    onTestFinished(() => started.end());
    return started.ended;
  };

  test.each([
    [
      "before-reset cannot be written",
      "before-reset",
      0o500,
      /^✗ You may not write in (\/.*\/notebooks\/before-reset) /m,
    ],
    ["the notebooks' folder cannot be written", ".", 0o500, /^✗ You may not write in (\/.*\/notebooks) /m],
  ])("%s: that one is named, and the advice helps", async (_what, name, mode, sentence) => {
    const copy = afterFirstSetUp();
    const folder = join(copy, "notebooks", name);
    mkdirSync(folder, { recursive: true });
    const mine = edit(join(copy, "notebooks", FIRST), write);
    chmodSync(folder, mode);
    const { code, output } = await resetTheirs(copy);
    expect(sentence.exec(output)?.[1], output).toBe(folder.replace(/\/\.$/, ""));
    expect(output).not.toContain("set-up");
    expect(code).toBe(1);
    expect(readFileSync(join(copy, "notebooks", FIRST), "utf8")).toBe(mine);
    execFileSync("sh", ["-euc", /`(chmod .*)`/.exec(output)?.[1] ?? "false"]);
    expect((await resetTheirs(copy)).output).toContain(`✓ Put back: ${FIRST}`);
  });

  test("a notebook that cannot be read is named, and nothing is changed", async () => {
    const copy = afterFirstSetUp();
    edit(join(copy, "notebooks", FIRST), write);
    chmodSync(join(copy, "notebooks", FIRST), 0);
    const { code, output } = await resetTheirs(copy);
    expect(output).toMatch(/^✗ You may not read \/.*\/00-start-here\.ipynb \(EACCES\), and nothing was changed/);
    expect(code).toBe(1);
  });
});

describe("in a clone", () => {
  test("work that was committed is the learner's, and a pull brings the workshop's newest", async () => {
    const upstream = repositoryOf(notebooksAndScripts());
    const clone = upstream.clone(join(newFolder("clone"), "workshop"));
    const path = join(clone.folder, "notebooks", FIRST);
    edit(path, write);
    clone.commit("my work");
    const { output } = await reset(clone.folder, "--yes");
    expect(output).toMatch(/Compared with commit [0-9a-f]{7}, the last that is also in origin\/main:/);
    expect(readFileSync(path, "utf8")).toBe(original(FIRST));

    clone.commit("back again");
    edit(join(upstream.folder, "notebooks", SECOND), ({ cells }) => void cells.pop());
    upstream.commit("newer");
    clone.git("pull", "--quiet", "--no-rebase", "--no-edit");
    expect((await reset(clone.folder)).output).toContain("✓ Nothing to put back.");
    expect(existsSync(join(clone.folder, ".originals"))).toBe(false);
    // An older one can be named.
    await reset(clone.folder, "--from=origin/main~1", "01", "--yes");
    expect(readFileSync(join(clone.folder, "notebooks", SECOND), "utf8")).toBe(original(SECOND));
  });

  test("what was put back is no change to git", async () => {
    const upstream = repositoryOf(notebooksAndScripts());
    const clone = upstream.clone(join(newFolder("clone"), "workshop"));
    callModule(clone.folder, "./scripts/lib/notebook-filter.mjs", "setUpNotebookFilter");
    edit(join(clone.folder, "notebooks", FIRST), run);
    edit(join(clone.folder, "notebooks", SECOND), write);
    // After each save; from here on git knows the sizes of the files with what a run has left in them.
    callModule(clone.folder, "./scripts/lib/notebook-filter.mjs", "forgetRuns");
    expect(clone.git("status", "--porcelain")).toBe(` M notebooks/${SECOND}\n`);
    expect((await reset(clone.folder, "--yes")).output).toContain(`✓ Put back: ${FIRST}, ${SECOND}\n`);
    expect(clone.git("status", "--porcelain")).toBe("");
  });
});

/** What the set-up does for it, without the rest. */
function keepOriginals(copy: string): void {
  callModule(copy, "./scripts/lib/originals.mjs", "keepOriginals");
}

function callModule(copy: string, module: string, name: string): void {
  const { status, stderr } = runModule(copy, module, name);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { handouts, notebookFolder, textOfPdf, writeNotebook } from "../support/handouts.js";
import { newUser } from "../support/new-user.js";
import { temporaryOfTest } from "../support/temporary.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

const title = (text: string) => ({ id: "title", type: "markdown", source: `# ${text}\n\n## Part of ${text}` });

/** Everything on the way, but no Chromium. */
function withoutChromium(): NodeJS.ProcessEnv {
  const folder = join(temporaryOfTest(), "bin");
  mkdirSync(folder);
  for (const from of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of existsSync(from) ? readdirSync(from) : []) {
      if (/chrom/i.test(name) || existsSync(join(folder, name))) continue;
      try {
        symlinkSync(join(from, name), join(folder, name));
      } catch {
        // a link that leads nowhere is there already
      }
    }
  }
  return { PATH: folder, WORKSHOP_CHROMIUM: "" };
}

test("a cell that fails is named, with its notebook and its words, and nothing is written", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const folder = notebookFolder({
    "1-good": [title("Good"), { id: "fine", source: "1 + 1;" }],
    "2-bad": [
      title("Bad"),
      { id: "before", source: "const a = 1;" },
      { id: "the-culprit", source: `throw new Error("the coffee is out");` },
      { id: "after", source: `require("node:fs").writeFileSync("after", "");` },
    ],
  });
  const out = join(folder, "out");
  const { code, stdout, stderr } = await handouts(["--notebooks", folder, "--out", out]);
  expect(code).toBe(1);
  expect(stdout).toContain("✓ Running 1-good");
  expect(stdout).toContain("✗ Running 2-bad");
  expect(stderr).toContain("the coffee is out");
  expect(stderr).toMatch(
    /✗ .*2-bad\.ipynb: cell 2 of 3, "the-culprit", below "Part of Bad": failed\. No handouts were written\.\n$/,
  );
  expect(readdirSync(folder)).not.toContain("after");
  expect(existsSync(join(out, "learner"))).toBe(false);
});

test("a failure in the background, which fails no cell, is one too", { timeout: LONG_PATIENCE_MS }, async () => {
  const later = `setTimeout(() => { throw new Error("too late"); }, 10);\nawait new Promise((go) => setTimeout(go, 500));`;
  const folder = notebookFolder({ "1-late": [title("Late"), { id: "sows", source: later }] });
  const { code, stderr } = await handouts(["--notebooks", folder, "--out", join(folder, "out")]);
  expect(stderr).toContain("too late");
  expect(stderr).toContain(`"sows"`);
  expect(code).toBe(1);
});

test("without Chromium the pages are made, and it is said what is missing; with it later, only printed", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const folder = notebookFolder({
    "1-one": [
      title("One"),
      { id: "predict", type: "markdown", source: "Predict: what is it? (a) 42, (b) 43." },
      { id: "answer", source: `console.log("answer " + (40 + 2));` },
      { id: "exercise", source: "// TODO", tags: ["exercise"] },
      {
        id: "check",
        source: `console.log(["not", "all"][Number("solved" in globalThis)] + " done");`,
        tags: ["check"],
      },
      {
        id: "how",
        type: "markdown",
        source: "<details><summary>One solution</summary>\n\nOpen sesame.\n\n</details>",
        tags: ["solution"],
      },
      { id: "solution", source: `(globalThis as any).solved = "abracadabra";`, tags: ["solution"] },
    ],
  });
  const out = join(folder, "out");
  const first = await handouts(["--notebooks", folder, "--out", out], withoutChromium());
  expect(first.stderr).toBe("");
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^– No PDF: Chromium or Chrome is not in PATH: .*apt install chromium/m);
  const pages = (edition: string) => readdirSync(join(out, edition)).sort();
  expect(pages("learner")).toEqual(["1-one.html", "index.html", "reference-card.html"]);
  expect(readFileSync(join(out, "learner", "index.html"), "utf8")).not.toContain(".pdf");

  // Learners get the check as it fails, room to write, and no solution; instructors also the check that passes.
  const learner = readFileSync(join(out, "learner", "1-one.html"), "utf8");
  const instructor = readFileSync(join(out, "instructor", "1-one.html"), "utf8");
  expect(learner).toContain("answer 42");
  expect(learner).toContain("not done");
  expect(learner).toContain(`class="room prediction"`);
  expect(learner).toContain(`class="room exercise"`);
  expect(learner).not.toMatch(/abracadabra|sesame|One solution|all done/);
  expect(instructor).toMatch(/not done[\s\S]*<details open(?:="")?>[\s\S]*sesame[\s\S]*abracadabra[\s\S]*all done/);
  expect(instructor).not.toContain(`class="room`);

  // With both papers: test/handouts/real.test.ts.
  const second = await handouts(["--notebooks", folder, "--out", out, "--paper", "letter"]);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stdout).not.toContain("Running 1-one");
  expect(second.stdout).toContain("1 of 1 notebooks has not changed");
  const printed = ["reference-card-letter.pdf", "socket-workshop-learner-letter.pdf"];
  expect(pages("learner")).toEqual(["1-one.html", "index.html", "reference-card.html", ...printed].sort());
  expect(textOfPdf(join(out, "learner", "socket-workshop-learner-letter.pdf"))).not.toMatch(/abracadabra|sesame/);
  expect(textOfPdf(join(out, "instructor", "socket-workshop-instructor-letter.pdf"))).toMatch(
    /sesame[\s\S]*abracadabra/,
  );
  const index = readFileSync(join(out, "learner", "index.html"), "utf8");
  for (const file of printed) expect(index).toContain(`href="${file}"`);
});

test("a ladder that is higher than a page goes on in another picture, and each of its words is there once; a home that is empty stays so", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const calls = `import { socket, choosePort, ladder, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
const box = socket("box", AF_INET, SOCK_DGRAM);
box.bind(LOOPBACK, choosePort());
const pen = socket("pen", AF_INET, SOCK_DGRAM);
for (let i = 100; i < 160; i++) await pen.sendto("letter " + i, LOOPBACK, choosePort());
ladder({ last: 55 });
ladder({ last: 10 });`;
  const folder = notebookFolder({ "1-high": [title("High"), { id: "calls", source: calls }] });
  const out = join(folder, "out");
  const home = temporaryOfTest();
  const env = { ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])), ...newUser(home) };
  const { code, stderr } = await handouts(["--notebooks", folder, "--out", out], env);
  expect(code, stderr).toBe(0);
  expect(readdirSync(home)).toEqual([]);
  const printed = readFileSync(join(out, ".kept", "learner-a4.html"), "utf8");
  const pictures = [...printed.matchAll(/<img [^>]*>/g)].map(([tag]) => ({
    goesOn: tag.includes('alt="The picture goes on'),
    height: Number(/ height="(\d+)"/.exec(tag)?.[1]),
    svg: Buffer.from(/base64,([^"]+)/.exec(tag)![1]!, "base64").toString(),
  }));
  // Lower than an A4 page between its margins.
  expect(Math.max(...pictures.map(({ height }) => height))).toBeLessThan(958);
  const high = pictures.slice(0, -1);
  expect(high.map(({ goesOn }) => goesOn)).toEqual([false, ...high.slice(1).map(() => true)]);
  expect(high.length).toBeGreaterThan(1);
  const letters = high.flatMap(({ svg }) => svg.match(/letter 1\d\d/g) ?? []);
  expect(letters).toEqual(Array.from({ length: 55 }, (_, index) => `letter ${105 + index}`));
  // Each part names the lanes.
  for (const { svg } of high) expect(svg).toMatch(/>pen</);
  expect(pictures.at(-1)).toMatchObject({ goesOn: false });
  expect(pictures.at(-1)!.svg.match(/letter 1\d\d/g)).toHaveLength(10);
});

test("only notebooks that changed run again, and what changes after its cell is left out", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const live = `const view = require("tslab").newDisplay();\nview.html("<b>half-way</b>");`;
  const folder = notebookFolder({
    "1-one": [title("One"), { id: "a", source: `console.log("first");` }],
    "2-two": [
      title("Two"),
      { id: "panel", source: live },
      // On a busy machine a panel may not have changed before the notebook's end: it is left out all the same.
      { id: "quiet", source: `const panel = () => require("tslab").display.html("<b>no calls yet</b>");\npanel();` },
      { id: "shown", source: `require("tslab").display.html("<b>stays</b>");` },
      { id: "later", source: `view.html("<b>changed</b>");\nawait new Promise((go) => setTimeout(go, 300));` },
    ],
  });
  const out = join(folder, "out");
  const run = () => handouts(["--notebooks", folder, "--out", out, "--no-pdf"]);
  const ran = ({ stdout }: { stdout: string }) => [...stdout.matchAll(/✓ Running (\S+):/g)].map(([, name]) => name);
  const first = await run();
  expect(first.code, first.stderr).toBe(0);
  expect(ran(first)).toEqual(["1-one", "2-two"]);
  const page = readFileSync(join(out, "learner", "2-two.html"), "utf8");
  expect(page).not.toMatch(/<b>half-way|<b>changed|<b>no calls yet/);
  expect(page).toContain("Here stands a live panel on the screen");
  expect(page).toContain("<b>stays</b>");

  writeNotebook(join(folder, "1-one.ipynb"), [title("One"), { id: "a", source: `console.log("second");` }]);
  const third = await run();
  expect(ran(third)).toEqual(["1-one"]);
  expect(readFileSync(join(out, "learner", "1-one.html"), "utf8")).toContain("second");
  // What all of them read.
  mkdirSync(join(folder, "recorded"));
  writeFileSync(join(folder, "recorded", "data.json"), "[]");
  expect(ran(await run())).toEqual(["1-one", "2-two"]);
});

test.each([
  [["--paper", "a5"], /^✗ --paper is a4 or letter, not a5\.\n$/],
  [["--papier", "a4"], /^✗ There is no option --papier\. The options are --paper a4 or letter/],
  [["--notebooks", "no/such/folder"], /^✗ There is no notebook in no\/such\/folder\.\n$/],
])("says what is wrong with %j", { timeout: LONG_PATIENCE_MS }, async (args, words) => {
  const { code, stderr } = await handouts([...args, "--out", join(temporaryOfTest(), "out")]);
  expect(stderr).toMatch(words);
  expect(code).toBe(1);
});

test("a notebook that nobody has named yet is left out", { timeout: LONG_PATIENCE_MS }, async () => {
  const folder = notebookFolder({ Untitled1: [title("Tried out")] });
  const { code, stderr } = await handouts(["--notebooks", folder, "--out", join(folder, "out")]);
  expect(stderr).toBe(`✗ There is no notebook in ${folder}.\n`);
  expect(code).toBe(1);
});

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium, print } from "../../scripts/handouts/chromium.mjs";
import { PROJECT } from "../support/child.js";
import {
  handouts,
  type Measured,
  measure,
  type Rendered,
  renderedPages,
  textOfPdf,
  textsOfPdf,
  WHOLE_RUN_MS,
  type Word,
  wordsOfPdf,
} from "../support/handouts.js";
import { openBrowser, type Watched } from "../support/lab/browser.js";
import { removeFolders } from "../support/lab/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { temporaryOfTest } from "../support/temporary.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/*
 * The workshop's own notebooks as handouts. What has not changed since the last run of this test is not executed again.
 */
const OUT = join(PROJECT, "test-artifacts", "handouts");
const EDITIONS = ["learner", "instructor"] as const;
const PAPERS = { a4: [595, 842], letter: [612, 792] } as const;
const MM = 72 / 25.4;
/** In points, what a page has for its text and pictures: see scripts/handouts/build.py. */
const ROOM = { a4: PAPERS.a4[1] - 26 * MM, letter: PAPERS.letter[1] - 26 * MM } as const;
/** A pixel of a picture in points: its smallest letters, of 10 pixels, have hardly more than 8. */
const POINTS_PER_PIXEL = 0.8025;

/** In the page: what axe-core finds, of all its rules or of these, each with the first places. */
const axeRun = (...rules: string[]) => `axe.run(document, ${JSON.stringify({
  resultTypes: ["violations"],
  ...(rules.length > 0 && { runOnly: { type: "rule", values: rules } }),
})}).then(({ violations }) => violations.map(
  ({ id, nodes }) => id + ": " + nodes.slice(0, 3).map((node) => node.html.slice(0, 120) + " " + node.failureSummary).join(" | ")))`;
/** Its rules about colours, which are all that the dark page has of its own. */
const COLOURS = ["color-contrast", "link-in-text-block"];
/** Its rule about what is wider than its place, which is all that a narrow window has of its own. */
const SCROLLS = "scrollable-region-focusable";
/** In the page: how much smaller than drawn its pictures are shown, of those that are. */
const SHRUNK = `[...document.images].map((image) => image.getBoundingClientRect().width / image.naturalWidth).filter((scale) => scale < 0.99)`;
/** In the page: by how many pixels it is wider than the window. */
const WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

beforeAll(async () => {
  const { code, stderr } = await handouts(["--out", OUT, "--paper", "a4", "--paper", "letter"]);
  expect(code, stderr).toBe(0);
}, WHOLE_RUN_MS);

const inEdition = (edition: string, file: string) => join(OUT, edition, file);
const pagesOf = (edition: string) => readdirSync(join(OUT, edition)).filter((file) => file.endsWith(".html"));

describe.each(EDITIONS)("the %s's edition in print", (edition) => {
  describe.each(Object.keys(PAPERS) as (keyof typeof PAPERS)[])("on %s", (paper) => {
    const pdf = inEdition(edition, `socket-workshop-${edition}-${paper}.pdf`);
    let measured: Measured;
    let words: Word[][];
    let texts: string[];
    let pages: Rendered[];
    beforeAll(() => {
      measured = measure(pdf);
      words = wordsOfPdf(pdf);
      texts = textsOfPdf(pdf);
      pages = renderedPages(pdf);
    }, LONG_PATIENCE_MS);

    /** The pages that begin something, and therefore end something before them. */
    const firstPages = () =>
      new Set(
        ["reference-card", ...(edition === "instructor" ? ["guide"] : []), ...notebookNames()].map(
          (name) => measured.destinations[name]![0],
        ),
      );

    test("is on that paper, and has bookmarks", () => {
      for (const [width, height] of measured.sizes) {
        expect(Math.abs(width - PAPERS[paper][0])).toBeLessThan(1);
        expect(Math.abs(height - PAPERS[paper][1])).toBeLessThan(1);
      }
      expect(measured.bookmarks).toBeGreaterThan(notebookNames().length);
    });

    test("has no letter smaller than 8 points, and was not made smaller to fit", () => {
      const small = measured.letters.flatMap((page, index) =>
        page.filter(([size]) => size < 8).map(([size, place]) => `page ${index + 1}: ${size} pt at ${place}`),
      );
      expect(small).toEqual([]);
      // The text is 10 points as the style sheet says: a page that is too wide would have made Chromium shrink all.
      expect(measured.letters.flat().some(([size]) => size === 10)).toBe(true);
      expect(measured.letters.flat().filter(([size]) => size > 9.2 && size < 9.95)).toEqual([]);
    });

    test("nothing is wider than the page: the margins are white, and no word reaches into them", () => {
      const [width] = PAPERS[paper];
      const margin = 8 * MM;
      for (const [index, page] of words.entries()) {
        const outside = page.filter(({ left, right }) => left < margin || right > width - margin);
        expect(
          outside.map(({ text }) => text),
          `page ${index + 1}`,
        ).toEqual([]);
      }
      for (const [index, { width: across, height, grey }] of pages.entries()) {
        const white = Math.floor((margin / width) * across);
        let dark = 0;
        for (let y = 0; y < height; y += 1) {
          for (let x = 0; x < white; x += 1) {
            if (grey[y * across + x]! < 250 || grey[(y + 1) * across - 1 - x]! < 250) dark += 1;
          }
        }
        expect(dark, `page ${index + 1}`).toBe(0);
      }
    });

    test("has every picture of the notebooks whole, on one page", () => {
      for (const { alt, pages: on } of measured.figures) expect(on, alt.slice(0, 60)).toHaveLength(1);
      for (const { alt } of measured.figures) expect(alt.length).toBeGreaterThan(20);
      const printed = picturesIn(readFileSync(join(OUT, ".kept", `${edition}-${paper}.html`), "utf8"));
      expect(measured.figures).toHaveLength(printed.length);
      const whole = notebookNames().flatMap((name) =>
        picturesIn(readFileSync(inEdition(edition, `${name}.html`), "utf8")),
      );
      expect(whole.length).toBeGreaterThan(15);
      // What is higher than a page would go on in a second picture: none of the workshop's does.
      expect(printed).toEqual(whole);
      for (const { alt, height } of printed)
        expect(height * POINTS_PER_PIXEL, alt.slice(0, 60)).toBeLessThan(ROOM[paper] + 1);
    });

    test("says where a picture is that gave way to the text after it, and there whence it comes", () => {
      let moved = 0;
      for (const [index, page] of texts.entries()) {
        for (const [, number, where] of page.matchAll(
          /icture (\d+)(?: is|,) (on this page|on the next page|two pages on)\./g,
        )) {
          moved += 1;
          const target = index + ["on this page", "on the next page", "two pages on"].indexOf(where!);
          // A picture as high as the page leaves no room for the line above it: then it is alone there.
          const origin = new RegExp(`Picture ${number}, from (this page|the page before|two pages before)`).exec(
            texts[target]!,
          );
          const figures = measured.figures.filter(({ pages: on }) => on[0] === target + 1);
          if (origin === null) expect(figures, `picture ${number}`).toHaveLength(1);
          else expect(["this page", "the page before", "two pages before"].indexOf(origin[1]!)).toBe(target - index);
        }
      }
      expect(moved).toBeGreaterThan(2);
      expect(texts.join("")).not.toMatch(/picture undefined|Picture undefined|from undefined|^ *The picture$/m);
    });

    test("has every paragraph whole on one page, and nothing to click", () => {
      const html = readFileSync(join(OUT, ".kept", `${edition}-${paper}.html`), "utf8");
      const paragraphs = [...html.matchAll(/<(p|li)>(.*?)<\/\1>/gs)].map(([, , inside]) => flat(inside!));
      expect(paragraphs.length).toBeGreaterThan(200);
      // The last line of a page is its number.
      const [ends, begins] = [-2, 0].map((at) =>
        texts.map((text) => text.split("\n").map(flat).filter(Boolean).at(at)),
      );
      const broken = ends!.slice(0, -1).flatMap((end, index) => {
        const both = `${end}${begins![index + 1]}`;
        return both.length > 12 && paragraphs.some((text) => text.includes(both)) ? [`page ${index + 1}: ${both}`] : [];
      });
      expect(broken).toEqual([]);
      expect(html).not.toMatch(/<details|<summary/);
      // The title of what is folded on the screen is a heading like others.
      expect(ends).not.toContain("Answers");
      expect(texts.filter((text) => /^ *Answers$/m.test(text)).length).toBeGreaterThan(3);
    });

    test("has no heading alone at the end of a page", () => {
      for (const [name, [page, top]] of Object.entries(measured.destinations)) {
        const from = PAPERS[paper][1] - top;
        const below = words[page - 1]!.filter(
          ({ top: y, bottom }) => y > from + 22 && bottom < PAPERS[paper][1] - 13 * MM,
        );
        expect(below.length, `${name} on page ${page}`).toBeGreaterThan(2);
      }
    });

    /*
     * Judged are the pages of the notebooks and of the guide, each by the lowest mark between its margins. Not judged are the cover and the
     * contents, the reference card, and the last page of each part, which ends where it ends. That a page is not quite full is allowed: what
     * stays together (a table, a heading with its cell, a picture before another one) goes to the next page as a whole.
     */
    test("fills its pages, but where a part ends", () => {
      const starts = firstPages();
      const ends = new Set([...starts].map((page) => page - 1));
      const firstChapter = Math.min(...starts);
      const filled: [page: number, part: number][] = [];
      for (const [index, { width, height, grey }] of pages.entries()) {
        const page = index + 1;
        if (page < firstChapter || ends.has(page) || page >= measured.destinations["reference-card"]![0]) continue;
        const [from, to] = [12 * MM, PAPERS[paper][1] - 13 * MM].map((y) =>
          Math.floor((y / PAPERS[paper][1]) * height),
        ) as [number, number];
        let last = from;
        for (let y = from; y < to; y += 1) {
          if (grey.subarray(y * width, (y + 1) * width).some((value) => value < 200)) last = y;
        }
        filled.push([page, (last - from) / (to - from)]);
      }
      expect(filled.length).toBeGreaterThan(50);
      expect(filled.filter(([, part]) => part < 0.5)).toEqual([]);
      const partly = filled.filter(([, part]) => part < 0.7);
      expect(partly.length, JSON.stringify(partly)).toBeLessThan(filled.length / 12);
    });

    test("has contents with the right page numbers", () => {
      const html = readFileSync(join(OUT, ".kept", `${edition}-${paper}-numbered.html`), "utf8");
      for (const name of notebookNames()) {
        const said = /\*About (\d+) minutes/.exec(readNotebook(name).cells[0]!.source)?.[1];
        const told = new RegExp(`<a href="#${name}">[^<]* <span class="quiet">(\\d+) minutes`).exec(html)?.[1];
        expect(told, name).toBe(said);
      }
      const entries = [
        ...html.matchAll(
          /<a href="#([^"]+)">(.*?)<\/a><span class="dots"><\/span><span class="page" data-of="\1">(\d+)<\/span>/gs,
        ),
      ];
      expect(entries.length).toBeGreaterThan(60);
      for (const [, id, text, number] of entries) {
        const page = Number(number);
        expect(measured.destinations[id!]![0], id).toBe(page);
        expect(flat(texts[page - 1]!), `page ${page}`).toContain(
          flat(text!.replace(/<span class="quiet">.*?<\/span>/s, "")),
        );
        // And the number stands at the foot of that page.
        expect(
          lines(words[page - 1]!)
            .at(-1)
            ?.map((word) => word.text),
        ).toEqual([`${page}`]);
      }
    });

    test("breaks lines of a trace and of code at 88 columns", () => {
      const mono = 8.5;
      let seen = 0;
      for (const page of words) {
        for (const line of lines(page)) {
          // A letter of a font of equal widths has 0.6 of its size; code within a sentence is no line of code.
          if (!line.every(({ top, bottom }) => Math.abs(bottom - top - mono * 1.164) < 0.2)) continue;
          seen += 1;
          const first = line[0]!;
          expect(line.at(-1)!.right - first.left, line.map(({ text }) => text).join(" ")).toBeLessThan(
            88.5 * mono * 0.603,
          );
        }
      }
      expect(seen).toBeGreaterThan(500);
    });

    test("is light: a letter of a picture is a letter of a font, and not drawn anew in each picture", () => {
      expect(statSync(pdf).size).toBeLessThan(4e6);
    });

    test("the reference card is two pages, and no letter on it is smaller than 8 points", () => {
      const card = measure(inEdition(edition, `reference-card-${paper}.pdf`));
      expect(card.sizes).toHaveLength(2);
      expect(card.letters.flat().filter(([size]) => size < 8)).toEqual([]);
    });

    test("the tables of the reference card have all of their lines, the right one too", () => {
      const [page] = renderedPages(inEdition(edition, `reference-card-${paper}.pdf`), 300, 1);
      const { width, height, grey } = page!;
      const darkIn = (x: number) => {
        let dark = 0;
        for (let y = 0; y < height; y += 1) dark += Number(grey[y * width + x]! < 170);
        return dark;
      };
      const columns = Array.from({ length: width }, (_, x) => darkIn(x));
      // A line is seen in one column of dots or in two: the outermost of the left and of the right, over most of the page.
      const isLine = (dark: number) => dark > height / 2;
      const lines = columns.flatMap((dark, x) => (isLine(dark) ? [x] : []));
      const rightmost = columns.findLastIndex((dark) => dark > height / 50);
      expect(lines.length).toBeGreaterThan(4);
      expect(rightmost - lines.at(-1)!).toBeLessThan(4);
      const thick = (at: number) => columns.slice(Math.max(0, at - 5), at + 6).filter(isLine).length;
      expect(thick(lines.at(-1)!)).toBeGreaterThanOrEqual(thick(lines[0]!));
    });
  });
});

interface Shown {
  alt: string;
  /** In the pixels in which it was drawn. */
  height: number;
}

const picturesIn = (html: string): Shown[] =>
  [...html.matchAll(/<img [^>]*>/g)].map(([tag]) => ({
    // Words that have quotation marks in them stand between apostrophes.
    alt: / alt=(["'])(.*?)\1/s.exec(tag)?.[2] ?? "",
    height: Number(/ height="(\d+)"/.exec(tag)?.[1]),
  }));

const SIGNS: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** The letters of HTML or of plain text, without tags and without space. */
const flat = (text: string): string =>
  text
    .replace(/<\/?[a-z][^>]*>/g, "")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot);/g, (_, name) => SIGNS[name] ?? "")
    .replace(/\s+/g, "");

/** Words that stand beside each other. A smaller letter on the same line ends a little above or below the others. */
function lines(page: Word[]): Word[][] {
  const rows: Word[][] = [];
  for (const word of [...page].sort((a, b) => a.bottom - b.bottom)) {
    const row = rows.at(-1);
    if (row !== undefined && word.bottom - row[0]!.bottom < 2) row.push(word);
    else rows.push([word]);
  }
  return rows.map((row) => row.sort((a, b) => a.left - b.left));
}

test("the measuring sees a picture that is split, and a letter that is small", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const folder = temporaryOfTest();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="2000"><text x="5" y="20" font-size="8">small</text><text x="5" y="1990" font-size="30">last</text></svg>`;
  const image = `<img alt="high" width="300" height="2000" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}">`;
  writeHtml(join(folder, "high.html"), image);
  await print(findChromium()!, join(folder, "high.html"), join(folder, "high.pdf"));
  const { figures, letters } = measure(join(folder, "high.pdf"));
  expect(figures.map(({ pages }) => pages.length > 1)).toEqual([true]);
  expect(letters.flat().map(([size]) => size)).toContain(6);
});

function writeHtml(path: string, body: string): void {
  writeFileSync(path, `<!doctype html><html lang="en"><title>x</title><body>${body}</body></html>`);
}

describe("solutions", () => {
  const pdfs = new Map<string, string>();
  beforeAll(() => {
    for (const edition of EDITIONS)
      pdfs.set(edition, flat(textOfPdf(inEdition(edition, `socket-workshop-${edition}-a4.pdf`))));
  }, LONG_PATIENCE_MS);

  const withExercise = notebookNames().filter((name) =>
    readNotebook(name).cells.some(({ tags }) => tags.includes("solution")),
  );

  test.each(withExercise)("of %s are the instructor's alone", (name) => {
    const { cells } = readNotebook(name);
    const others = cells.filter(({ tags }) => !tags.includes("solution")).map(({ source }) => source);
    // Its lines that stand nowhere else in the notebook.
    const own = cells
      .filter(({ tags }) => tags.includes("solution"))
      .flatMap(({ source }) => source.split("\n"))
      .map((line) => line.trim())
      .filter(
        (line) =>
          line.length > 12 && !/^<|\bopen the cell\b/i.test(line) && !others.some((source) => source.includes(line)),
      )
      .map((line) => flat(line));
    expect(own.length).toBeGreaterThan(0);
    const learner = flat(readFileSync(inEdition("learner", `${name}.html`), "utf8"));
    const instructor = flat(readFileSync(inEdition("instructor", `${name}.html`), "utf8"));
    for (const line of own) {
      expect(learner).not.toContain(line);
      expect(instructor).toContain(line);
      expect(pdfs.get("learner")).not.toContain(line);
      expect(pdfs.get("instructor")).toContain(line);
    }
  });

  test("stand open: nobody is told to click where there is paper", () => {
    for (const name of withExercise) {
      const page = readFileSync(inEdition("instructor", `${name}.html`), "utf8");
      expect(page).toContain("One solution:");
      expect(page).not.toMatch(/three dots|open the cell below/i);
    }
    expect(pdfs.get("instructor")).not.toMatch(/threedots|openthecellbelow/i);
  });

  test("pass their checks in the instructor's edition", () => {
    for (const name of withExercise) {
      const page = flat(readFileSync(inEdition("instructor", `${name}.html`), "utf8"));
      const again = page.split("Afterthesolution,thecheckpasses:")[1] ?? "";
      expect(again, name).toContain("✓");
      expect(again.split("closeAll();")[0], name).not.toContain("✗");
    }
  });

  test("predictions have room in the learner's edition, notes and minutes stand in the instructor's", () => {
    for (const name of notebookNames()) {
      const learner = readFileSync(inEdition("learner", `${name}.html`), "utf8");
      const instructor = readFileSync(inEdition("instructor", `${name}.html`), "utf8");
      const predictions = readNotebook(name).cells.filter(({ source }) => /\bPredict:/.test(source));
      expect(learner.split(`class="room prediction"`).length - 1, name).toBe(predictions.length);
      expect(learner).not.toMatch(/class="text note"|Goes wrong/);
      expect(instructor).toMatch(/class="text note"[\s\S]*About \d+ min\.[\s\S]*Goes wrong/);
    }
  });
});

describe("the pages", () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await openBrowser();
  });
  afterAll(async () => {
    await watched.browser.close();
    removeFolders();
  });
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

  test("load nothing: every address in them is a page of theirs, a place in it, or data", () => {
    for (const edition of EDITIONS) {
      for (const file of pagesOf(edition)) {
        const html = readFileSync(inEdition(edition, file), "utf8");
        expect(html).not.toMatch(/<script|<link|@import|url\(/);
        for (const [, address] of html.matchAll(/\b(?:src|href)="([^"]*)"/g)) {
          if (/^(#|data:image\/svg\+xml;base64,)/.test(address!)) continue;
          const [name] = address!.split("#");
          expect(readdirSync(join(OUT, edition)), `${file}: ${address}`).toContain(name);
        }
      }
    }
  });

  const ALL = EDITIONS.flatMap((edition) =>
    ["index", ...notebookNames(), "reference-card", ...(edition === "instructor" ? ["guide"] : [])].map(
      (name) => [edition, name] as const,
    ),
  );

  test.each(ALL)(
    "%s/%s: axe-core finds nothing, light and dark; no scrolling to the side",
    { timeout: LONG_PATIENCE_MS },
    async (edition, name) => {
      const { page } = watched;
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(pathToFileURL(inEdition(edition, `${name}.html`)).href);
        await page.evaluate(axe);
        const found = await page.evaluate<string[]>(axeRun(...(colorScheme === "dark" ? COLOURS : [])));
        expect(found, colorScheme).toEqual([]);
        for (const width of [1366, 700, 400]) {
          await page.setViewportSize({ width, height: 768 });
          expect(await page.evaluate(WIDER), `${width} px`).toBe(0);
        }
        // In a window as narrow as a telephone's nothing is made smaller, and the keys move what is wider, which no colour changes.
        if (colorScheme === "light") expect(await page.evaluate<string[]>(axeRun(SCROLLS)), "400 px").toEqual([]);
        expect(await page.evaluate<number[]>(SHRUNK)).toEqual([]);
        await page.setViewportSize({ width: 1366, height: 768 });
      }
      expect(watched.troubles).toEqual([]);
    },
  );

  test("can be used with the keyboard alone", { timeout: LONG_PATIENCE_MS }, async () => {
    const { page } = watched;
    await page.goto(pathToFileURL(inEdition("learner", "index.html")).href);
    const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("To the text");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Start here");
    await page.keyboard.press("Enter");
    await page.waitForURL(/00-start-here\.html$/);
    // Every link of the page is reached, and the last of them leads on. What opens and what scrolls is reached on the way, too.
    const links = await page.locator("a").allTextContents();
    const stops = links.length + (await page.locator("summary, pre, table, .scrolls").count());
    const seen: string[] = [];
    while (seen.at(-1) !== links.at(-1) && seen.length < stops) {
      await page.keyboard.press("Tab");
      seen.push(await focused());
    }
    expect(seen).toEqual(expect.arrayContaining(links));
    expect(seen.at(-1)).toBe(links.at(-1));
    await page.keyboard.press("Enter");
    await page.waitForURL(/01-connection-procedure\.html$/);
  });
});

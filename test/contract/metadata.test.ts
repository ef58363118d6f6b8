import { describe, expect, test } from "vitest";
import { readJson, readYaml, textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";

const AUTHOR = "The socket workshop contributors";
const PACKAGES = ["package.json", "kernel-helpers/package.json"];

/**
 * The keys of the Citation File Format 1.2.0 that say something known. Left out, because nobody knows them: doi,
 * identifiers, url, repository and its relatives, contact; and because they do not apply: commit, license-url,
 * preferred-citation, references. A person would have family-names: the author is a group.
 */
const CITATION = closed(
  {
    "cff-version": { const: "1.2.0" },
    message: WORDS,
    type: { const: "software" },
    title: WORDS,
    abstract: WORDS,
    authors: { const: [{ name: AUTHOR }] },
    version: WORDS,
    "date-released": { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
    license: WORDS,
    keywords: { type: "array", items: WORDS, minItems: 1, uniqueItems: true },
  },
  ["cff-version", "message", "title", "authors", "version", "license"],
);

/** The day of a version in the change log, "## 1.2.3 (2026-01-31)", or undefined while it is not released. */
function released(version: string): string | undefined {
  const heading = new RegExp(`^## ${version.replaceAll(".", "\\.")} \\((\\d{4}-\\d{2}-\\d{2})\\)$`, "m");
  return heading.exec(textOf("CHANGELOG.md"))?.[1];
}

const VERSION = String(readJson("package.json").version);

function citationFaults(text: string, day = released(VERSION) ?? ""): string[] {
  const citation = readYaml(text) as Record<string, unknown>;
  const faults = broken(CITATION, citation);
  const root = readJson("package.json");
  for (const key of ["version", "license"]) {
    if (citation[key] !== root[key]) faults.push(`${key} is not that of package.json`);
  }
  if ((citation["date-released"] ?? "") !== day) faults.push("the day is not that of CHANGELOG.md");
  return faults;
}

/** What a package says of where it comes from: only what is known. */
function packageFaults(of: Record<string, unknown>): string[] {
  const faults: string[] = [];
  if (of.author !== AUTHOR) faults.push("the author is the contributors");
  for (const key of ["repository", "bugs", "homepage", "funding", "contributors", "maintainers"]) {
    if (key in of) faults.push(`${key} is not known`);
  }
  for (const key of ["description", "keywords", "license", "engines"]) {
    if (!(key in of)) faults.push(`${key} is missing`);
  }
  return faults;
}

test("CITATION.cff is in the Citation File Format, and says what package.json and CHANGELOG.md say", () => {
  expect(citationFaults(textOf("CITATION.cff"))).toEqual([]);
});

test.each(PACKAGES)("%s says who made it, and nothing that nobody knows", (path) => {
  expect(packageFaults(readJson(path))).toEqual([]);
});

test("both packages have one version, one licence and the same engines", () => {
  const [root, helpers] = PACKAGES.map(readJson);
  for (const key of ["version", "license", "engines", "os", "cpu", "author"]) expect(helpers![key]).toEqual(root![key]);
  expect(textOf("LICENSE")).toContain(AUTHOR);
  expect(textOf("LICENSE")).toMatch(/^MIT License\n/);
});

test("the packages allow the platforms that have tables", async () => {
  const { platformName } = await import("kernel-helpers/dist/facts/platform.js");
  const { os, cpu } = readJson("package.json") as { os: string[]; cpu: string[] };
  const systems = ["aix", "android", "darwin", "freebsd", "linux", "openbsd", "sunos", "win32"];
  const processors = ["arm", "arm64", "ia32", "loong64", "mips", "ppc64", "riscv64", "s390x", "x64"];
  expect(systems.filter((one) => platformName(one, "x64")).sort()).toEqual([...os].sort());
  expect(processors.filter((one) => platformName("linux", one)).sort()).toEqual([...cpu].sort());
});

test("SECURITY.md names no address", () => {
  expect(textOf("SECURITY.md")).not.toMatch(/@[a-z]|https?:/i);
});

describe("what is wrong is found", () => {
  // As on a day when its version is not released.
  const citation = textOf("CITATION.cff").replace(/^date-released: .*\n/m, "");

  test.each([
    [`version: ${VERSION}`, "version: 99.0.0", /version is not that/],
    ["license: MIT", "license: GPL-3.0", /license is not that/],
    ["type: software", "type: software\ndoi: 10.5281/zenodo.1", /additional properties: doi/],
    ["type: software", "type: program", /must be equal to constant/],
    ["title: The", "titel: The", /required property 'title'/],
    ["  - name: ", "  - family-names: ", /authors must be equal/],
    ["license: MIT", "license: MIT\ndate-released: 2026-01-31", /day is not that/],
    ["license: MIT", "license: MIT\ndate-released: soon", /date-released must match/],
  ])("%s → %s", (right, wrong, words) => {
    expect(citation).toContain(right);
    expect(citationFaults(citation.replace(right, wrong), "").join("\n")).toMatch(words);
  });

  test("a day that is missing, and none that is not", () => {
    const day = "2026-01-31";
    expect(citationFaults(citation, day)).toEqual(["the day is not that of CHANGELOG.md"]);
    expect(citationFaults(`${citation}date-released: ${day}\n`, day)).toEqual([]);
  });

  test("in a package", () => {
    const { license: _, ...without } = readJson("package.json");
    expect(packageFaults({ ...without, author: "Somebody", repository: "somewhere" })).toEqual([
      "the author is the contributors",
      "repository is not known",
      "license is missing",
    ]);
  });
});

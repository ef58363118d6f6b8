import { describe, expect, test } from "vitest";
import { readYaml, sourceFiles, textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";

const FOLDER = ".github/ISSUE_TEMPLATE/";
const files = sourceFiles().filter((path) => path.startsWith(FOLDER));
const forms = files.filter((path) => path !== `${FOLDER}config.yml`);

const ID = { type: "string", pattern: "^[a-zA-Z0-9_-]+$" };
const ASKED = { label: WORDS, description: WORDS };
const REQUIRED = closed({ required: { type: "boolean" } });

/** One element of a form, by GitHub's documentation of its form schema. */
const element = (type: string, attributes: object, more: object = { validations: REQUIRED }) => ({
  ...closed({ type: { const: type }, id: ID, attributes, ...more }, ["type", "attributes"]),
});
const OPTIONS = { type: "array", items: WORDS, minItems: 1, uniqueItems: true };
/** Languages by the names of GitHub's Linguist; others would have to be added here. */
const RENDERED = { enum: ["Text", "TypeScript", "Shell"] };
const BOXES = { type: "array", minItems: 1, items: closed({ label: WORDS, required: { type: "boolean" } }, ["label"]) };
const ELEMENTS = [
  element("markdown", closed({ value: WORDS }, ["value"]), {}),
  element("input", closed({ ...ASKED, placeholder: WORDS, value: WORDS }, ["label"])),
  element("textarea", closed({ ...ASKED, placeholder: WORDS, value: WORDS, render: RENDERED }, ["label"])),
  element(
    "dropdown",
    closed({ ...ASKED, options: OPTIONS, multiple: { type: "boolean" }, default: { type: "integer" } }, [
      "label",
      "options",
    ]),
  ),
  element("checkboxes", closed({ ...ASKED, options: BOXES }, ["label", "options"])),
];
const FORM = closed(
  {
    name: WORDS,
    description: WORDS,
    title: WORDS,
    labels: { type: "array", items: WORDS },
    body: { type: "array", minItems: 1, items: { type: "object", required: ["type"] } },
  },
  ["name", "description", "body"],
);
const CONFIG = closed({
  blank_issues_enabled: { type: "boolean" },
  contact_links: { type: "array", items: closed({ name: WORDS, url: WORDS, about: WORDS }, ["name", "url", "about"]) },
});

interface Element {
  type: string;
  id?: string;
  attributes: { label?: string; options?: (string | { label: string })[] };
}

const twice = (words: (string | undefined)[]): string[] =>
  words.filter((word, index): word is string => word !== undefined && words.indexOf(word) !== index);

function elementFaults(one: Element): string[] {
  const schema = ELEMENTS.find(({ properties }) => properties.type.const === one.type);
  return schema ? broken(schema, one) : [`there is no element ${one.type}`];
}

function faults(text: string): string[] {
  const form = readYaml(text) as { body: Element[] };
  const shape = broken(FORM, form);
  if (shape.length > 0) return shape;
  const { body } = form;
  const parts = body.flatMap(elementFaults);
  if (parts.length > 0) return parts;
  const asked = body.filter(({ type }) => type !== "markdown");
  if (asked.length === 0) parts.push("it asks nothing");
  for (const id of twice(asked.map(({ id }) => id))) parts.push(`the id ${id} stands twice`);
  for (const label of twice(asked.map(({ attributes }) => attributes.label))) parts.push(`"${label}" is asked twice`);
  // GitHub keeps this word for "nothing chosen".
  const options = asked.flatMap(({ attributes }) => attributes.options ?? []);
  if (options.some((option) => /^none$/i.test(String(option)))) parts.push("no option may be called none");
  return parts;
}

test.each(forms)("%s is a form that GitHub shows", (path) => {
  expect(faults(textOf(path))).toEqual([]);
});

test("there are forms, of different names, and the chooser's settings hold", () => {
  const names = forms.map((path) => (readYaml(textOf(path)) as { name: string }).name);
  expect(names.length).toBeGreaterThan(0);
  expect(twice(names)).toEqual([]);
  expect(files.every((path) => path.endsWith(".yml"))).toBe(true);
  expect(broken(CONFIG, readYaml(textOf(`${FOLDER}config.yml`)))).toEqual([]);
});

describe("what is wrong is found", () => {
  test.each([
    ["name: Something does not work", "nam: Something", /required property 'name'/],
    ["type: dropdown", "type: select", /no element select/],
    ["id: cell", "id: check", /id check stands twice/],
    ["id: cell", "id: the cell", /id must match/],
    ["- WSL2", "- None", /called none/],
    ["- WSL2", "- true", /options\/1 must be string/],
    ["- WSL2", "- Linux", /duplicate items/],
    ["      label: What happened\n", "", /required property 'label'/],
    ["required: true", "required: yes", /required must be boolean/],
    ["render: Text", "rendered: Text", /additional properties: rendered/],
    ["render: Text", "render: words", /one of the allowed values/],
  ])("%s → %s", (right, wrong, words) => {
    const text = textOf(`${FOLDER}problem.yml`);
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toMatch(words);
  });
});

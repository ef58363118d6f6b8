import { ADVICE } from "kernel-helpers/dist/errors/advice-table.js";
import { SENTENCES } from "kernel-helpers/dist/errors/sentences.js";
import { ERRNO_MEANINGS } from "kernel-helpers/dist/facts/errno-meaning.js";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { removePaths } from "../support/kinds.js";
import { mustContain } from "./advice/entry.js";
import { errnoEntries } from "./advice/errnos.js";
import { handleEntries } from "./advice/handles.js";
import { kernelEntries } from "./advice/kernel.js";
import { meaningEntries } from "./advice/meanings.js";
import { processEntries } from "./advice/processes.js";

guardDescriptors();
removePaths();

/*
 * Every sentence of advice and reassurance that the helpers can say, provoked once: the situation is made with real sockets, the sentence
 * must appear, and it must be so. A sentence that no entry provokes fails the last tests of each part.
 */

const escaped = (sentence: string) => sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A sentence, whatever the words are that it is made of. */
function pattern(sentence: (...words: string[]) => string): RegExp {
  const blank = "\u0001";
  return new RegExp(escaped(sentence(...new Array(sentence.length).fill(blank))).replaceAll(blank, ".*?"));
}

/** The message of a failed call with this sentence. */
const message = (call: string, code: string, sentence: string) =>
  new RegExp(`${call}\\((?:(?!man 2).)* = -1 ${code} \\([^)]*\\)\\. ${escaped(sentence)}`);

describe("what is said of an errno", () => {
  const sentences = new Map<string, RegExp>();
  for (const [call, errnos] of Object.entries(ADVICE)) {
    for (const [code, advice] of Object.entries(errnos)) {
      if (typeof advice === "string") sentences.set(`${call} ${code}`, message(call, code, advice));
      else
        for (const [when, text] of Object.entries(advice))
          sentences.set(`${call} ${code} ${when}`, message(call, code, text));
    }
  }
  test.each(errnoEntries.map((entry) => [entry.says.join(", "), entry] as const))("%s", async (_, { says, make }) => {
    const said = String(await make());
    mustContain(said, new Map(says.map((name) => [name, sentences.get(name) ?? /no such sentence/])));
  });

  test("every line of the table is provoked", () => {
    const provoked = new Set(errnoEntries.flatMap(({ says }) => says));
    expect([...sentences.keys()].filter((name) => !provoked.has(name))).toEqual([]);
  });
});

describe("what an errno means, where the table has no line", () => {
  test.each(meaningEntries.map((entry) => [entry.says.join(", "), entry] as const))("%s", async (_, { says, make }) => {
    const meant = says.map((name) => {
      const [call = "", code = ""] = name.split(" ");
      return [name, message(call, code, ERRNO_MEANINGS[code] ?? "no such errno")] as const;
    });
    mustContain(String(await make()), new Map(meant));
  });
});

describe("what the helpers say beside a call", () => {
  const sentences = new Map(Object.entries(SENTENCES).map(([name, sentence]) => [name, pattern(sentence)]));
  const entries = [...handleEntries, ...processEntries, ...kernelEntries];
  test.each(entries.map((entry) => [entry.says.join(", "), entry] as const))("%s", async (_, { says, make }) => {
    const said = String(await make());
    mustContain(said, new Map(says.map((name) => [name, sentences.get(name) ?? /no such sentence/])));
  });

  test("every sentence is provoked", () => {
    const provoked = new Set(entries.flatMap(({ says }) => says));
    expect([...sentences.keys()].filter((name) => !provoked.has(name))).toEqual([]);
  });
});

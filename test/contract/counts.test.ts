import { readFileSync } from "node:fs";
import { calls } from "kernel-helpers";
import { SENTENCES } from "kernel-helpers/dist/errors/sentences.js";
import { addressPicture } from "kernel-helpers/dist/pictures/index.js";
import { describe, expect, test } from "vitest";
import { failureOf } from "../support/outcome.js";
import { sourceFiles } from "../support/project-files.js";

/*
 * A number and its noun agree: "1 byte", "2 bytes".
 */

/** Nouns that are counted in what people read, and verbs behind them. */
const PLURALS =
  "bytes|calls|datagrams|lines|sockets|segments|connections|handles|packets|drops|times|steps|cells|fields|others|errors|clients|waits|rows|letters|files|ports|notebooks|learners|kernels|frames|films|descriptors|elements|characters";
const COUNTED = new RegExp(`\\$\\{([^{}]*)\\} (?:more |other )?(?:${PLURALS})\\b`);

/** What never is 1: a constant, or what has been compared before. */
const NEVER_ONE = [
  "SOCKADDR_STORAGE_SIZE",
  "CONTROL_ROOM",
  "platform.unixPathSize",
  "size", // of an option: a C int at least
  "LONGEST_NAME",
  "TCP_INFO_MINIMUM",
  "most", // lines of a cell, elements of a list
  "text.length", // of a text that is cut
  "length", // the other words of "none of them" are said for 1
  "more", // 1 is said beside it
  "total", // cells of a notebook, films of a recording
  "last.total",
  "count", // learners: 1 is said beside it
  "LABS",
  "LEAST.password",
  "limit", // of a machine with enough of them
  "notebooks.length",
];

const texts = sourceFiles().filter(
  (path) => /^(kernel-helpers\/src|scripts|hub|provisioner)\/.*\.(ts|mjs|js)$/.test(path) && !path.includes("recorded"),
);

test("a plural behind a number in a text is one that is never 1", () => {
  const found = texts.flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
      .flatMap((line) => {
        const number = COUNTED.exec(line)?.[1];
        return number === undefined || NEVER_ONE.includes(number) ? [] : [`${path}: ${line.trim()}`];
      }),
  );
  expect(texts.length).toBeGreaterThan(300);
  expect(found).toEqual([]);
});

describe("1 and more", () => {
  test.each([
    [SENTENCES.waitsForRest("waits for data", "1"), "waits for data: 1 byte is missing"],
    [SENTENCES.waitsForRest("waits for data", "2"), "waits for data: 2 bytes are missing"],
    [SENTENCES.waitsForMore("1"), "waits for 1 more byte"],
    [SENTENCES.notAllArrived("1", "5"), "1 of the 5 bytes has not arrived"],
    [SENTENCES.notAllArrived("1", "1"), "1 of the 1 byte has not arrived"],
    [SENTENCES.notAllArrivedFrom("2", "5", "a peer"), "2 of the 5 bytes have not arrived from a peer"],
    [SENTENCES.notAllArrivedFrom("1", "5", "a peer"), "1 of the 5 bytes has not arrived from a peer"],
    [SENTENCES.gotTooFew("0", "1"), "got 0 of the 1 byte, and then the end of the stream"],
    [SENTENCES.tookNothing("1"), "The system took no byte."],
    [SENTENCES.tookNone("1"), "The system took no byte: the call can be made again."],
    [SENTENCES.tookNone("2"), "The system took none of the 2 bytes: the call can be made again."],
    [
      SENTENCES.tookSome("1", "5"),
      "The system took 1 of the 5 bytes; run again, the cell sends that one twice. To send the rest, begin at byte 1.",
    ],
    [
      SENTENCES.gaveSome("1", "5"),
      "The system gave 1 of the 5 bytes, and it is in no queue any more: the error has it as its data.",
    ],
    [SENTENCES.everyInterrupted("1"), "It was done 1 time. Run again, the cell begins at 0."],
    [SENTENCES.handlesOpen("1"), " 1 handle is open."],
  ])("%s", (said, right) => {
    expect(said).toBe(right);
  });

  test("no free port", () => {
    expect(SENTENCES.noFreePort("1", "2", "1", "1")).toContain(
      "1 has a name in this notebook, and 1 other was looked at and is taken.",
    );
    expect(SENTENCES.noFreePort("1", "3", "2", "2")).toContain(
      "2 have a name in this notebook, and 2 others were looked at and are taken.",
    );
  });

  test("a buffer of one byte, an address of one byte", () => {
    expect(failureOf(() => calls.recv(-1, Buffer.alloc(1), 2)).message).toMatch(/has only 1 byte\.$/);
    expect(failureOf(() => calls.recv(-1, Buffer.alloc(2), 3)).message).toMatch(/has only 2 bytes\.$/);
    expect(addressPicture(new Uint8Array(1)).alt).toContain("The 1 byte of a socket address.");
  });
});

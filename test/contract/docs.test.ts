import { OPTIONS } from "kernel-helpers/dist/facts/index.js";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, documented, type Signature, signaturesOf } from "./program.js";

/*
 * What Shift-Tab shows. tslab prints a comment's text and that of its tags, but no tag's name except @param: so the words themselves say
 * what they are: "Returns …", "Errors: …", "Manual: …".
 */

let program: ReturnType<typeof compile>;
beforeAll(() => {
  program = compile('import "kernel-helpers";');
});

/** A number is told with what it counts or with what it may be. */
const RANGE = /C int|\d|[A-Z]{2,}_[A-Z]+|milliseconds|process/;
const MANUAL = /^Manual: (man \d \w+|RFC \d+ section [\d.]+)([,;] (man \d \w+|RFC \d+ section [\d.]+))*\.$/m;

/** What is missing in the documentation of a function. */
function missing({ name, parameters, returns, tags, shown }: Signature): string[] {
  const faults: string[] = [];
  if ((shown.split("\n\n")[1] ?? "").length < 30) faults.push(`${name}: what it does`);
  for (const parameter of parameters) {
    const text = tags.get(`param ${parameter.name}`) ?? "";
    if (text.length < 10) faults.push(`${name}: the parameter ${parameter.name}`);
    if (/number/.test(parameter.type) && !RANGE.test(text)) faults.push(`${name}: unit or range of ${parameter.name}`);
    if (!shown.includes(`@param ${parameter.name} ${text}`)) faults.push(`${name}: ${parameter.name} is not shown`);
  }
  if (returns !== "void" && !/^Returns .{10,}/.test(tags.get("returns") ?? "")) faults.push(`${name}: what it returns`);
  return faults;
}

/** What is missing about its errors and its manual page. */
function missingOfCall({ name, tags, shown }: Signature): string[] {
  const errors = tags.get("throws") ?? "";
  const faults: string[] = [];
  const errnos = [...errors.matchAll(/\bE[A-Z]{3,}\b( \()?/g)];
  if (!errors.startsWith("Errors: SocketError ") || errnos.length === 0) faults.push(`${name}: which errno`);
  if (errnos.some(([, meaning]) => meaning === undefined))
    faults.push(`${name}: an errno without a meaning: ${errors}`);
  if (!/TypeError and RangeError for what is/.test(errors)) faults.push(`${name}: which errors of ours`);
  if (!MANUAL.test(shown)) faults.push(`${name}: the manual page`);
  if (!shown.includes(errors)) faults.push(`${name}: the errors are not shown`);
  return faults;
}

describe("Shift-Tab shows", () => {
  test("of each call what it does, its parameters with unit or range, its result, its errors, its manual page", () => {
    const calls = signaturesOf(program, "calls");
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.flatMap((call) => [...missing(call), ...missingOfCall(call)])).toEqual([]);
  });

  test("of the trace what each of its methods does", () => {
    const methods = signaturesOf(program, "trace");
    expect(methods.map(({ name }) => name).sort()).toEqual([
      "clear",
      "exact",
      "off",
      "records",
      "short",
      "silently",
      "steps",
    ]);
    expect(methods.flatMap(missing)).toEqual([]);
  });

  test("of each option what its value counts, and the manual page", () => {
    const docs = new Map(
      documented(program).map(({ name, documentation }) => [name, documentation.replace(/\s+/g, " ")]),
    );
    expect(OPTIONS.length).toBeGreaterThan(50);
    for (const { name, unit } of OPTIONS) {
      expect(docs.get(name), name).toContain(` Value: ${unit}`);
      expect(docs.get(name), name).toMatch(/ See man 7 (socket|tcp|ip|ipv6)\.$/);
    }
    expect(docs.get("SO_RCVTIMEO")).toContain("Value: ms (milliseconds)");
    expect(docs.get("TCP_KEEPIDLE")).toContain("Value: s (seconds)");
    expect(docs.get("SO_RCVBUF")).toContain("Value: bytes");
  });

  test("what is missing is found", () => {
    const bare: Signature = {
      name: "listen",
      parameters: [{ name: "fd", type: "number" }],
      returns: "number",
      tags: new Map([["throws", "SocketError EBADF"]]),
      shown: "listen\n\nListens.",
    };
    expect(missing(bare)).toHaveLength(5);
    expect(missingOfCall(bare)).toHaveLength(5);
  });
});

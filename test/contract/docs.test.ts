import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./program.js";
import { type Named, publicFace } from "./public-face.js";
import { undocumented } from "./undocumented.js";

let all: Named[];
beforeAll(() => {
  all = publicFace(compile('import "kernel-helpers";'));
});

const named = (name: string): Named[] => all.filter((one) => one.name === name);

describe("Shift-Tab shows", () => {
  test("of every exported name, and of all that is in it, everything that is to be known", () => {
    expect(all.flatMap(undocumented)).toEqual([]);
  });

  test("of each option what its value counts", () => {
    const exported = createRequire(import.meta.url)("kernel-helpers") as Record<string, unknown>;
    const options = all.filter(({ type }) => type.startsWith("SocketOption<"));
    expect(options.length).toBeGreaterThan(50);
    for (const { name, text } of options) {
      const { unit } = exported[name] as { unit: string };
      expect(text.replace(/\s+/g, " "), name).toContain(` Value: ${unit}`);
    }
    expect(named("SO_RCVTIMEO")[0]!.text).toContain("Value: ms (milliseconds)");
    expect(named("TCP_KEEPIDLE")[0]!.text).toContain("Value: s (seconds)");
    expect(named("SO_RCVBUF")[0]!.text).toContain("Value: bytes");
  });
});

describe("the walk finds", () => {
  test("every exported value, and the members of what is one", () => {
    const exported = createRequire(import.meta.url)("kernel-helpers") as Record<string, object>;
    const names = new Set(all.map(({ name }) => name));
    expect(Object.keys(exported).filter((name) => name !== "trace" && !names.has(name))).toEqual([]);
    for (const holder of ["trace", "calls"])
      expect(Object.keys(exported[holder]!).filter((name) => !names.has(`${holder}.${name}`))).toEqual([]);
  });

  test.each([
    ["an overload", "attempt", 2],
    ["a method", "Handle.bind", 1],
    ["a method of a type that is made from another one", "ProcessHandle.bind", 1],
    ["what a class has from another", "ClosedError.code", 1],
    ["a constructor", "TimeoutError.constructor", 0],
    ["the constructor of the class that it has it from", "WaitError.constructor", 1],
    ["a getter of an object", "trace.mode", 1],
    ["an option", "WaitOptions.timeout", 1],
    ["an option without a name of its own", "Handle.sendto.options.flags", 1],
    ["a field of what is returned", "calls.recvfrom.length", 1],
    ["a field of one of several forms", "ControlToSend.local", 1],
    ["a field of a type that has no exported name", "Call.backlog", 1],
    ["a constant", "SHUT_WR", 1],
    ["what only our own code may use", "SocketError.adviseFor", 0],
  ])("%s: %s", (_, name, times) => {
    expect(named(name)).toHaveLength(times);
  });

  test("the parameters with their options", () => {
    expect(named("ProcessHandle.connect")[0]!.parameters).toEqual([
      { name: "address", type: "string", optional: false, options: [] },
      { name: "port", type: "number", optional: true, options: [] },
      { name: "options", type: "WaitOptions", optional: true, options: ["timeout", "signal"] },
    ]);
  });
});

describe("what is missing is found", () => {
  const bare: Named = {
    name: "nothing",
    kind: "function",
    type: "void",
    parameters: [],
    text: "",
    tags: new Map(),
    shown: "",
  };
  /** The documentation that somebody has written, and what the gate says of it. */
  const judged = (name: string, change: Partial<Named>): string[] => {
    const { tags = new Map<string, string>(), text = "Does what it is for." } = change;
    const words = [...tags].map(([tag, said]) => (tag.startsWith("param ") ? `@${tag} ${said}` : said));
    const shown = [text, ...words].join("\n");
    return undocumented({ ...bare, text, shown, ...change, name }).map((fault) => fault.slice(name.length + 2));
  };
  const number = { name: "n", type: "number", optional: false, options: [] };
  const throwing = (text: string) => new Map([["throws", text]]);
  const RANGE = "Errors: RangeError for another n";

  test.each<[string, string, Partial<Named>, string[]]>([
    ["a function without a word", "f", { text: "" }, ["what it is or does", "which errors"]],
    ["a type", "T", { kind: "type", text: "" }, ["what it is or does"]],
    [
      "a parameter",
      "f",
      { parameters: [{ ...number, type: "string" }], tags: throwing("Errors: none") },
      ["the parameter n"],
    ],
    [
      "a unit",
      "f",
      {
        parameters: [number],
        tags: new Map([
          ["param n", "the number to use"],
          ["throws", RANGE],
        ]),
      },
      ["unit or range of n"],
    ],
    [
      "a default",
      "f",
      {
        parameters: [{ ...number, optional: true }],
        tags: new Map([
          ["param n", "how many bytes"],
          ["throws", RANGE],
        ]),
      },
      ["what n is when it is left out"],
    ],
    [
      "an option, and what it brings",
      "f",
      {
        parameters: [{ ...number, type: "WaitOptions", options: ["timeout", "signal"] }],
        tags: new Map([
          ["param n", "`timeout` in milliseconds"],
          ["throws", "Errors: none"],
        ]),
      },
      ["the field signal of n", "TimeoutError", "InterruptedError"],
    ],
    ["a result", "f", { type: "number", tags: throwing("Errors: none") }, ["what it returns"]],
    [
      "a range that is refused",
      "f",
      {
        parameters: [number],
        tags: new Map([
          ["param n", "from 0 to 9"],
          ["throws", "Errors: none"],
        ]),
      },
      ["RangeError"],
    ],
    ["an errno's meaning", "f", { tags: throwing("Errors: SocketError EBADF") }, ["the meaning of EBADF"]],
    ["an errno that is none", "f", { tags: throwing("Errors: SocketError EBAD (bad)") }, ["EBAD is no errno"]],
    [
      "when one of our errors comes",
      "f",
      { tags: throwing("Errors: TypeError; RangeError for 5") },
      ["when there is TypeError"],
    ],
    [
      "a label",
      "f",
      {
        tags: new Map([
          ["throws", "Errors: none"],
          ["side", "server"],
        ]),
      },
      ['@side is shown without a label: "server"'],
    ],
    ["a closed handle", "Handle.f", { tags: throwing("Errors: none") }, ["ClosedError"]],
    [
      "a process that has ended",
      "ProcessHandle.f",
      { tags: throwing("Errors: ClosedError (closed)") },
      ["ProcessError"],
    ],
    ["a manual page", "f", { text: "bind(2): gives an address.", tags: throwing("Errors: none") }, ["the manual page"]],
    [
      "the form of a page",
      "f",
      { text: "Binds it.\n\nManual: bind(2)", tags: throwing("Errors: none") },
      ['the pages in the form "Manual: man 2 bind, man 7 ip."'],
    ],
    [
      "a page and unit of an option",
      "SO_X",
      { kind: "constant", type: "SocketOption<number>", text: "Size of the buffer." },
      ["its unit or kind", "the manual page"],
    ],
    [
      "a page and kind of a constant",
      "MSG_X",
      { kind: "constant", type: "number", text: "Leaves the data." },
      ["its unit or kind", "the manual page"],
    ],
    [
      "the unit of a field",
      "T.f",
      { kind: "field", type: "number", text: "Its round-trip time." },
      ["its unit or range"],
    ],
    [
      "what is not shown",
      "f",
      { tags: throwing("Errors: none"), shown: "Does what it is for." },
      ["@throws is not shown"],
    ],
    [
      "a link",
      "f",
      { text: "Does what {@link g} does.", tags: throwing("Errors: none") },
      ["a link is shown with its braces"],
    ],
  ])("%s", (_, name, change, faults) => {
    expect(judged(name, change)).toEqual(faults);
  });

  test("and what is all there is passed", () => {
    const tags = new Map([
      ["param n", "how many bytes, 0 to 9"],
      ["returns", "Returns how many there were"],
      ["throws", `${RANGE}; SocketError EBADF (closed)`],
    ]);
    expect(
      judged("f", { text: "read(2): reads.\n\nManual: man 2 read.", type: "number", parameters: [number], tags }),
    ).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { floorOf, type Import, read, type Source, sources } from "./source.js";

/** A floor imports only floors below it. */
const FLOORS: Readonly<Record<string, number>> = {
  facts: 0,
  cells: 0,
  bytes: 1,
  errors: 2,
  libc: 3,
  calls: 4,
  readiness: 5,
  trace: 5,
  inspection: 6,
  handles: 7,
  servers: 8,
  processes: 9,
  conversation: 9,
  pictures: 10,
  notebook: 11,
  "": 12,
};
/** The launcher: it stands beside the house, and nobody imports it. */
const APART = "kernel";

/** What is known to one floor alone: who may import a package, and who may name a place of the system. */
const KNOWN_ONLY_TO: readonly [what: RegExp, floors: readonly string[]][] = [
  [/^koffi(\/|$)/, ["libc"]],
  [/^tslab(\/|$)/, ["notebook", APART]],
  [/^@tslab\//, [APART]],
  [/^zeromq(\/|$)/, ["notebook", APART]],
  [/^(node:)?worker_threads$/, ["readiness", APART]],
];
/** Who may use libc beside the calls: who is told of every call, on whose behalf it is made, and the two that wait. */
const LIBC_ALSO_FOR = [
  "trace/recorder.ts",
  "readiness/registration.ts",
  "readiness/watch.ts",
  "readiness/epoll-poller.ts",
];
const PROC_ONLY_IN = "inspection";
/** Who spoke to whom, and the pictures of it, are made from plain data: of these floors they have types at most. */
const PURE = ["conversation", "pictures"];
const WITH_EFFECTS = ["libc", "calls", "readiness", "trace", "inspection", "handles"];
/** The pictures know the conversation, and no call. */
const NOT_FOR_PICTURES = ["libc", "calls", "readiness"];

/** What is wrong with one import, if anything is. */
function fault(source: Source, wanted: Import): string | undefined {
  const says = `${source.path} imports ${wanted.specifier}`;
  for (const [what, floors] of KNOWN_ONLY_TO) {
    if (what.test(wanted.specifier) && !floors.includes(source.floor)) return `${says}, known only to ${floors}`;
  }
  const floor = floorOf(source, wanted);
  if (floor === undefined || floor === source.floor) return undefined;
  if (floor === APART) return `${says}: ${APART}/ is imported by nobody`;
  if (!(floor in FLOORS)) return `${says}: ${floor}/ has no floor`;
  if (source.floor === APART) return undefined;
  if (!(source.floor in FLOORS)) return `${source.path} lies on no floor`;
  if (FLOORS[floor]! >= FLOORS[source.floor]!) return `${says}, which is not below it`;
  if (floor === "libc" && source.floor !== "calls" && !LIBC_ALSO_FOR.includes(source.path))
    return `${says}, known only to calls and ${LIBC_ALSO_FOR}`;
  if (source.floor === "pictures" && NOT_FOR_PICTURES.includes(floor)) return `${says}: pictures are pure`;
  if (PURE.includes(source.floor) && WITH_EFFECTS.includes(floor) && !wanted.typeOnly) {
    return `${says} at run time, and ${source.floor}/ is pure`;
  }
  return undefined;
}

const faultsOf = (source: Source): string[] => source.imports.flatMap((wanted) => fault(source, wanted) ?? []);

test("every import goes down, and what one floor knows stays there", () => {
  const all = sources();
  expect(all.length).toBeGreaterThan(100);
  expect(all.flatMap(faultsOf)).toEqual([]);
});

test("only inspection/ looks into /proc, and the kernel for its ancestors", () => {
  const lookers = sources().filter(({ strings }) => strings.some((text) => text.startsWith("/proc/")));
  expect(lookers.filter(({ floor }) => floor === APART).map(({ path }) => path)).toEqual(["kernel/ancestors.ts"]);
  expect([...new Set(lookers.map(({ floor }) => floor))].sort()).toEqual([PROC_ONLY_IN, APART].sort());
});

/** The files that a file imports, for values or for types. */
function targetsOf(all: ReadonlyMap<string, Source>, source: Source): string[] {
  return source.imports.flatMap(({ specifier }) => {
    if (!specifier.startsWith(".")) return [];
    const base = new URL(specifier, `file:///${source.path}`).pathname.slice(1);
    return [`${base}.ts`, `${base}/index.ts`].filter((path) => all.has(path));
  });
}

/** The files that lead back to themselves, also by types alone. */
function inCircles(all: ReadonlyMap<string, Source>): string[] {
  const targets = new Map([...all].map(([path, source]) => [path, targetsOf(all, source)]));
  return [...all.keys()].filter((start) => {
    const reached = new Set<string>();
    const walk = (path: string): void => {
      for (const next of targets.get(path)!) {
        if (reached.has(next)) continue;
        reached.add(next);
        walk(next);
      }
    };
    walk(start);
    return reached.has(start);
  });
}

test("no file imports in a circle, also not by types alone", () => {
  const all = new Map(sources().map((source) => [source.path, source]));
  expect(inCircles(all)).toEqual([]);
});

test("a circle is found, also one of types alone", () => {
  const files = [
    read("bytes/one.ts", 'import { two } from "./two";'),
    read("bytes/two.ts", 'import type { Three } from "./three";'),
    read("bytes/three.ts", 'import type { One } from "./one"; import { four } from "./four";'),
    read("bytes/four.ts", ""),
  ];
  expect(inCircles(new Map(files.map((file) => [file.path, file])))).toEqual([
    "bytes/one.ts",
    "bytes/two.ts",
    "bytes/three.ts",
  ]);
});

describe("what is forbidden is found, however it is written", () => {
  test.each([
    ["calls/send.ts", 'import { trace } from "../trace";'],
    ["calls/send.ts", 'import type { Step } from "../trace";'],
    ["handles/handle.ts", 'import { withContext } from "../libc";'],
    ["trace/short.ts", 'import type { MadeCall } from "../libc";'],
    ["cells/cell.ts", 'import { facts } from "../facts";'],
    ["calls/send.ts", 'export * from "../handles/handle";'],
    ["bytes/ip.ts", 'import "../errors";'],
    ["trace/short.ts", 'import { socketTable } from "../inspection";'],
    ["pictures/ladder/ladder.ts", 'import { socket } from "../../handles";'],
    ["pictures/ladder/ladder.ts", 'import type { CallRecord } from "../../libc";'],
    ["pictures/ladder/ladder.ts", 'import { ownCall, type Step } from "../../trace";'],
    ["conversation/read.ts", 'import { shownOf } from "../calls";'],
    ["conversation/read.ts", 'import { ladder } from "../pictures";'],
    ["handles/handle.ts", 'import { readConversation } from "../conversation";'],
    ["handles/handle.ts", 'import { ladder } from "../pictures";'],
    ["handles/registry.ts", 'import type { HandleFacts } from "../processes/messages";'],
    ["handles/handle.ts", 'import { launch } from "../kernel/launcher";'],
    ["handles/handle.ts", 'import index = require("../index");'],
    ["handles/handle.ts", 'type Koffi = typeof import("koffi");'],
    ["calls/send.ts", 'const koffi = require("koffi");'],
    ["calls/send.ts", 'const koffi = createRequire(__filename)("koffi"); const again = require("koffi");'],
    ["handles/handle.ts", 'await import("tslab");'],
    ["trace/short.ts", 'import { Worker } from "worker_threads";'],
    ["index.ts", 'export { run } from "./kernel";'],
  ])("%s: %s", (path, text) => {
    expect(faultsOf(read(path, text))).toHaveLength(1);
  });

  test.each([
    ["handles/handle.ts", 'import { trace } from "../trace";'],
    ["trace/short.ts", 'import { cellRun } from "../cells";'],
    ["readiness/watch.ts", 'import { lastErrno } from "../libc";'],
    ["calls/send.ts", 'import { declare } from "../libc";'],
    ["pictures/ladder/ladder.ts", 'import { readConversation } from "../../conversation";'],
    ["conversation/from-steps.ts", 'import type { Step } from "../trace";'],
    ["conversation/evidence.ts", 'import type { Meaning } from "../calls/description";'],
    ["kernel/launcher.ts", 'import { x } from "tslab/dist/jupyter";'],
    ["index.ts", 'export { socket } from "./handles"; // import { x } from "./kernel"'],
  ])("and what is allowed is not: %s: %s", (path, text) => {
    expect(faultsOf(read(path, text))).toEqual([]);
  });
});

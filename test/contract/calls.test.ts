import { Session } from "node:inspector";
import { promisify } from "node:util";
import { AF_INET, LOOPBACK, SOCK_STREAM, socket, trace } from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { read, type Source, sources, ts } from "./source.js";

/*
 * A call is known to its own file and found by its name in one table. Everything else asks that table: so a new call touches its file, its
 * test, and the index (calls/table.ts, calls/index.ts, calls/public.ts).
 */

const all = sources();
const calls = all.filter(({ floor }) => floor === "calls");

/** The names of calls in the record, as their own files declare them. */
const NAMES = calls.flatMap(({ text }) => [...text.matchAll(/readonly name: "(\w+)";/g)].map(([, name]) => name!));

/** The texts that a file compares a call's name with in a switch. */
function cases({ path, text }: Pick<Source, "path" | "text">): string[] {
  const found: string[] = [];
  const visit = (node: import("@tslab/typescript-for-tslab").Node): void => {
    if (ts.isCaseClause(node) && ts.isStringLiteral(node.expression)) found.push(node.expression.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  return found;
}

describe("a call is known to its own file", () => {
  test("every call that is described stands in the table", () => {
    const table = calls.find(({ path }) => path === "calls/table.ts")!;
    const entries = [...table.text.matchAll(/^ {2}(\w+): [A-Z_]+,$/gm)].map(([, name]) => name);
    expect(entries).toContain("socket");
    expect(entries.sort()).toEqual([...new Set(NAMES)].sort());
  });

  test("nobody has a switch over the names of calls", () => {
    const switches = all.flatMap((source) =>
      cases(source).flatMap((name) => (NAMES.includes(name) ? [`${source.path}: case "${name}"`] : [])),
    );
    expect(switches).toEqual([]);
    expect(cases(read("trace/short.ts", 'switch (call.name) { case "bind": break; }'))).toEqual(["bind"]);
  });

  test("who spoke to whom, and the pictures of it, know no call by its name", () => {
    const named = all
      .filter(({ floor }) => floor === "conversation" || floor === "pictures")
      .flatMap(({ path, strings }) => strings.flatMap((text) => (NAMES.includes(text) ? [`${path}: "${text}"`] : [])));
    expect(named).toEqual([]);
    expect(read("pictures/ladder/ladder.ts", 'new Set(["send", "sendto"])').strings).toContain("sendto");
  });

  test("each function of libc is declared in one file", () => {
    const declared = calls.flatMap(({ strings }) =>
      strings.flatMap((text) => /^(?:int|intptr_t) (\w+)\(/.exec(text)?.[1] ?? []),
    );
    // setsockopt: macOS's sockets need it before anybody has asked for an option.
    expect(declared.filter((name, at) => declared.indexOf(name) !== at)).toEqual(["setsockopt"]);
  });
});

test("one send of a handle passes at most 12 files of ours", async () => {
  trace.off();
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  server.listen(1);
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, server.getsockname().port);
  const conversation = await server.accept();
  const session = new Session();
  session.connect();
  const post = promisify((method: string, values: object, done: (error: Error | null, result?: object) => void) =>
    session.post(method, values, done),
  );
  await post("Profiler.enable", {});
  await post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  // In a new turn of the event loop, so that it is none of the sends that let others have theirs.
  for (let i = 0; i < 2; i++) await new Promise((wake) => setImmediate(wake));
  await post("Profiler.takePreciseCoverage", {});
  await client.send("hello");
  const { result } = (await post("Profiler.takePreciseCoverage", {})) as {
    result: { url: string; functions: { ranges: { count: number }[] }[] }[];
  };
  session.disconnect();
  const passed = result.filter(
    ({ url, functions }) =>
      url.includes("/kernel-helpers/dist/") && functions.some(({ ranges }) => ranges[0]!.count > 0),
  );
  // The first send of a turn passes one more: it says when the turn is over.
  const files = passed.map(({ url }) => url.replace(/.*\/dist\//, "")).filter((file) => file !== "readiness/turn.js");
  for (const handle of [client, conversation, server]) handle.close();
  expect(files).toContain("calls/send.js");
  expect(files.length, files.join(" ")).toBeLessThanOrEqual(12);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* Property names are property names: what is taken out of, or put into, a value of an earlier cell. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());
const { run, value, failure } = answers(() => kernel);

beforeEach(async () => {
  await run(`
    const config = { port: 5000, host: "here", timeout: { ms: 7, kind: "wait" }, ports: [1, 2, 3] };
    const list = [{ kind: "a", port: 1 }, { kind: "b", port: 2 }];
    const key = "host", timeout = 3, port = 4, kind = "k";
    let x = 0, y = 0;
    function pick({ port: p }: { port: number }) { return p; }`);
});

describe("with values of an earlier cell", () => {
  test.each([
    ["const { port: p } = config; p", "5000"],
    ["const { timeout: { ms, kind: k } } = config; [ms, k]", "[ 7, 'wait' ]"],
    ["const { [key]: h } = config; h", "'here'"],
    ['const { ["po" + "rt"]: q } = config as Record<string, unknown>; q', "5000"],
    [
      "const { port: d = timeout, ...rest } = config; [d, Object.keys(rest)]",
      "[ 5000, [ 'host', 'timeout', 'ports' ] ]",
    ],
    ["const { nothing: n = timeout } = config as { nothing?: number }; n", "3"],
    ["const { ports: [, second, ...others] } = config; [second, others]", "[ 2, [ 3 ] ]"],
    ["let { port } = config; port", "5000"],
    ["var { port: v } = config; v", "5000"],
    ["({ port: x } = config); x", "5000"],
    ["({ timeout: { ms: x }, ports: [y] } = config); [x, y]", "[ 7, 1 ]"],
    ["({ x = timeout } = {} as { x?: number }); x", "3"],
    ["[x, y] = [timeout, port]; [x, y]", "[ 3, 4 ]"],
    ["[x = timeout] = [] as number[]; x", "3"],
    ["({ port: config.timeout.ms } = config); config.timeout.ms", "5000"],
    ["const kinds: string[] = []; for (const { kind: k } of list) kinds.push(k); kinds", "[ 'a', 'b' ]"],
    ["let sum = 0; for (const { port, kind: { length } } of list) sum += port + length; sum", "5"],
    ["for ({ port: x } of list); x", "2"],
    ["for (const i in { key }) x = i.length; x", "3"],
    ["let all = ''; for await (const { kind } of list) all += kind; all", "'ab'"],
    ["({ timeout })", "{ timeout: 3 }"],
    [
      "({ timeout, port: port, key() { return key; }, [key]: kind })",
      "{ timeout: 3, port: 4, key: [Function: key], host: 'k' }",
    ],
    ["({ ...{ timeout }, nested: { port, list: [{ kind }] } }).nested.list", "[ { kind: 'k' } ]"],
    ["Object.assign({ port }, { timeout })", "{ port: 4, timeout: 3 }"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell with a template.
    ["list.map(({ kind: k, port: p = timeout }) => `${k}${p}${timeout}`)", "[ 'a13', 'b23' ]"],
    ["((a = port, { timeout: b } = { timeout }) => a + b)()", "7"],
    ["(function ({ port: p }, [q] = [timeout]) { return p + q; })(config)", "5003"],
    ["try { throw config; } catch ({ port: c, timeout: { ms } }) { x = c + ms; } x", "5007"],
    [
      "class Config { timeout = timeout; static port = port; [key] = kind; get kind() { return kind; } m({ port: p } = { port }) { return p; } } const c = new Config(); [c.timeout, Config.port, c.host, c.kind, c.m()]",
      "[ 3, 4, 'k', 'k', 4 ]",
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell with a template.
    ["`${timeout} ${{ timeout }.timeout} ${(({ port: p }) => p)(config)}`", "'3 3 5000'"],
    ["config.port + config['port'] + config?.port", "15000"],
    ["pick({ port }) + pick(config)", "5004"],
    ["port: for (;;) { break port; } port", "4"],
    ["type Port = typeof port; type Of = { port: Port }; const of: Of = { port }; of satisfies Of", "{ port: 4 }"],
    ["enum Ports { port = 9, next = port + 1 } [Ports.port, Ports.next]", "[ 9, 10 ]"],
    ["namespace Inner { export const port = 11; export const twice = 2 * port; } [Inner.twice, port]", "[ 22, 4 ]"],
    ["import { join as port2 } from 'node:path'; port2(key, kind)", "'host/k'"],
    ["new Map([[{ port }, { kind }]]).size + new Set([{ timeout }]).size", "2"],
    [
      "async function* each() { yield* list; } const got = []; for await (const { port: p } of each()) got.push({ p, port }); got.length",
      "2",
    ],
    ["(() => { const { port } = config; return { port }; })()", "{ port: 5000 }"],
    ["(() => { let port = 1; ({ port } = config); return port; })()", "5000"],
    ["(() => { const timeout = 1; return { timeout, port }; })()", "{ timeout: 1, port: 4 }"],
  ])("%s", async (code, result) => {
    expect(await value(code)).toBe(result);
  });
});

describe("types and completions of what is taken out are those of the value", () => {
  test("types", async () => {
    await run("const { port: p, timeout: { kind: k }, ...rest } = config;");
    expect(await failure("k.toFixed()")).toContain("Property 'toFixed' does not exist on type 'string'");
    expect(await failure("p.length")).toContain("Property 'length' does not exist on type 'number'");
    expect(await failure("rest.port")).toContain("Property 'port' does not exist");
    expect(await failure("const { prot } = config;")).toContain("Property 'prot' does not exist");
  });

  test("completions", async () => {
    await run("const { timeout: waiting } = config;");
    const code = "waiting.k";
    const { content } = await kernel.request("complete_request", { code, cursor_pos: code.length });
    expect(content.matches).toEqual(["kind"]);
    const inside = await kernel.request("complete_request", { code: "const { ho } = config", cursor_pos: 10 });
    expect(inside.content.matches).toContain("host");
  });

  test("documentation", async () => {
    await run("/** How long. */\nconst limit = 5;");
    const { content } = await kernel.request("inspect_request", {
      code: "({ a: limit })",
      cursor_pos: 8,
      detail_level: 0,
    });
    expect((content.data as Record<string, string>)["text/plain"]).toContain("How long.");
  });
});

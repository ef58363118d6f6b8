import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, type Message, startKernel, withKernel } from "../support/jupyter/index.js";

const IMPORT = [
  'import { socket, choosePort, closeAll, trace, AF_INET, SOCK_STREAM, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";',
  'import { ladder, panel, sockets, states, addressBytes, plot } from "kernel-helpers";',
].join("\n");
const CONNECT = [
  "const PORT = choosePort();",
  'const server = socket("server", AF_INET, SOCK_STREAM);',
  "server.bind(LOOPBACK, PORT); server.listen(5);",
  'const client = socket("client", AF_INET, SOCK_STREAM);',
  "await client.connect(LOOPBACK, PORT);",
].join("\n");

async function run(kernel: Kernel, code: string) {
  const cell = await kernel.execute(code);
  expect(cell.status, cell.errors.map((error) => error.traceback.join("\n")).join()).toBe("ok");
  return cell;
}

async function html(kernel: Kernel, code: string): Promise<string> {
  return (await run(kernel, code)).displays.map((bundle) => bundle["text/html"]).join("");
}

/** The words beside a picture. */
const alt = (text: string): string => /alt="([^"]*)"/.exec(text)?.[1] ?? "";

/** What lies between two drawings, on the kernel's clock: how busy the machine is can only add to it. Ten drawings a second are 100 ms apart. */
const gaps = (drawn: Message[]): number[] => {
  const times = drawn.map(({ header }) => Date.parse(header.date));
  return times.slice(1).map((time, i) => time - times[i]!);
};
/** The clocks count whole milliseconds. */
const LEAST_GAP_MS = 98;

const content = (message: Message): string => (message.content.data as Record<string, string>)["text/html"] ?? "";

describe.each(["ours", "stock"] as const)("pictures in a cell (%s)", (spec) => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startKernel({ spec });
  });
  afterAll(() => kernel?.stop());

  /** What has come before. */
  let seen = 0;
  async function anew(): Promise<void> {
    await run(kernel, `${IMPORT}\ncloseAll(); trace.clear();`);
    seen = kernel.iopub.length;
  }
  const newUpdates = (): Message[] =>
    kernel.iopub.slice(seen).filter((message) => message.header.msg_type === "update_display_data");

  test("are images with words beside them, drawn from the calls and from the system", async () => {
    await anew();
    await run(kernel, CONNECT);
    const drawn = alt(await html(kernel, "ladder();"));
    expect(drawn).toMatch(/server: bind 127\.0\.0\.1:\d+ = 0/);
    expect(drawn).toContain("client is now ESTABLISHED");
    const table = await html(kernel, "sockets();");
    expect(table).toContain("(waits to be accepted)");
    expect(table).toContain("LISTEN");
    expect(alt(await html(kernel, "states(client);"))).toContain("ESTABLISHED");
    expect(alt(await html(kernel, 'addressBytes("127.0.0.1", 8080);'))).toContain("1f 90");
    const line =
      '{ title: "t", x: { label: "a" }, y: { label: "b" }, lines: [{ name: "n", points: [[0, 1], [1, 2]] }] }';
    expect(await html(kernel, `plot(${line});`)).toMatch(
      /^<style>[^<]*<\/style><details class="workshop-figure"[^>]*><summary[^>]*><img [^>]*src="data:image\/svg\+xml;base64,/,
    );
    await run(kernel, "client.close();");
    expect(alt(await html(kernel, "states(client);"))).toMatch(/FIN_WAIT/);
  });

  test("are shown without a descriptor left, too: what they need was loaded, or one is kept for it", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, `${IMPORT}\nimport { handles } from "kernel-helpers";`);
      await run(kernel, CONNECT);
      const limit = '"--pid", String(process.pid), "--nofile=110"';
      await run(kernel, `import { execFileSync } from "node:child_process";\nexecFileSync("prlimit", [${limit}]);`);
      const cell = await run(
        kernel,
        `let count = 0; let code = "";
        trace.off();
        try { for (;;) { socket("s" + count, AF_INET, SOCK_DGRAM); count += 1; } } catch (error) { code = (error as any).code; }
        trace.short();
        console.log(code);`,
      );
      expect(cell.stdout.trim()).toBe("EMFILE");
      expect(alt(await html(kernel, "ladder({ only: [server, client].map(({ name }) => name) });"))).toContain(
        "client is now ESTABLISHED",
      );
      expect(await html(kernel, "sockets();")).toContain("(waits to be accepted)");
      expect(alt(await html(kernel, "states(client);"))).toContain("ESTABLISHED");
      expect(await html(kernel, "panel();")).toContain("LISTEN");
      expect((await run(kernel, "handles();")).stdout).toContain("backlog 1 of 5");
    });
  });

  test("show another process's sockets as this one's, with their states when they changed", async () => {
    await anew();
    await run(kernel, 'import { otherProcess } from "kernel-helpers";');
    await run(
      kernel,
      'const rival = await otherProcess("rival"); const server = await rival.socket("server", AF_INET, SOCK_STREAM);',
    );
    await run(kernel, "const PORT = choosePort(); await server.bind(LOOPBACK, PORT); await server.listen(5);");
    await run(kernel, 'const mine = socket("mine", AF_INET, SOCK_STREAM); await mine.connect(LOOPBACK, PORT);');
    await run(kernel, "const theirs = await server.accept();");
    await run(kernel, "mine.close();");
    await run(kernel, "await theirs.getsockname();");
    await run(kernel, "await theirs.close();");
    const drawn = alt(await html(kernel, "ladder();"));
    // What the close here does to the socket there is seen then, and not at the next call there.
    expect(drawn.match(/mine: (?:connect|close)|server→1: \w+|\S+ is now \w+/g)).toEqual([
      "server is now CLOSE",
      "server is now LISTEN",
      "mine is now CLOSE",
      "mine: connect",
      "mine is now ESTABLISHED",
      "server→1 is now ESTABLISHED",
      "mine: close",
      "server→1 is now CLOSE_WAIT",
      "server→1: getsockname",
      "server→1: close",
      "mine is now TIME_WAIT",
      "server→1 is now CLOSE",
    ]);
    await run(kernel, "await rival.kill();");
    expect(alt(await html(kernel, "states(theirs);"))).toContain("3 CLOSE");
  });

  test("a live plot is drawn again in its place, at most ten times a second, and once more when it is finished", async () => {
    await anew();
    await run(kernel, 'import { every, livePlot } from "kernel-helpers";');
    const cell = await run(
      kernel,
      `const points: [number, number][] = [];
      const chart = livePlot({ title: "t", x: { label: "n" }, dots: [{ name: "values", points }] });
      globalThis.over = false;
      const going = every(5, 100_000, (n) => {
        if (globalThis.over) throw new Error("over");
        points.push([n, n]);
        chart.update();
      }).catch(() => chart.finish());`,
    );
    // However long each drawing takes here.
    await kernel.waitForOutput(() => newUpdates().length >= 3);
    const last = await run(kernel, "globalThis.over = true;\nawait going;\nconsole.log(points.length);");
    const first = cell.messages.find((message) => message.header.msg_type === "display_data")!;
    const updates = newUpdates();
    const idOf = ({ content }: (typeof updates)[0]) => (content.transient as { display_id: string }).display_id;
    expect(new Set(updates.map(idOf))).toEqual(new Set([idOf(first)]));
    expect(content(first)).toContain("values: no values.");
    const count = Number(last.stdout);
    expect(content(updates.at(-1)!)).toContain(`values: ${count} values, from 0 to ${count - 1}.`);
    // The last one is drawn when the plot is finished, however soon that is.
    for (const gap of gaps([first, ...updates.slice(0, -1)])) expect(gap).toBeGreaterThanOrEqual(LEAST_GAP_MS);
    const after = updates.length;
    for (let i = 0; i < 20; i++) await run(kernel, "1+1");
    expect(newUpdates()).toHaveLength(after);
  });

  test("a panel that is run again moves to its new place, and the old one stays as it was", async () => {
    await anew();
    await run(kernel, "panel();");
    const second = await run(kernel, "panel();");
    const place = second.messages.find((message) => message.header.msg_type === "display_data");
    const id = (place!.content.transient as { display_id: string }).display_id;
    await run(kernel, CONNECT);
    await kernel.waitForOutput(
      (message) => message.header.msg_type === "update_display_data" && content(message).includes("client: connect"),
    );
    for (const update of newUpdates()) {
      expect((update.content.transient as { display_id: string }).display_id).toBe(id);
    }
  });

  test("the panel follows while other cells run, at most ten times a second, and is quiet when nothing happens", async () => {
    await anew();
    await run(kernel, "panel();");
    await run(kernel, CONNECT);
    await kernel.waitForOutput(
      (message) => message.header.msg_type === "update_display_data" && content(message).includes("client: connect"),
    );
    const before = newUpdates().length;
    await run(kernel, 'for (let i = 0; i < 300; i++) await client.send("x");');
    // An empty cell comes after everything that the loop has sent; the last update is at most one interval later.
    await kernel.waitForOutput(
      (message) => message.header.msg_type === "update_display_data" && content(message).includes("send &quot;x&quot;"),
    );
    const ladders = newUpdates().map((message) => Number(/ height="(\d+)"/.exec(content(message))?.[1]));
    expect(Math.max(...ladders)).toBeLessThanOrEqual(460);
    expect(newUpdates().length).toBeGreaterThan(before);
    for (const gap of gaps(newUpdates())) expect(gap).toBeGreaterThanOrEqual(LEAST_GAP_MS);
    // Cells without calls change nothing: at most the one update that was due is still to come.
    const after = newUpdates().length;
    for (let i = 0; i < 20; i++) await run(kernel, "1+1");
    expect(newUpdates().length).toBeLessThanOrEqual(after + 1);
  });
});

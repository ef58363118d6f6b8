import { describe, expect, test } from "vitest";
import { type Kernel, type Message, withKernel } from "../support/jupyter/index.js";

const IMPORT = [
  'import { socket, choosePort, closeAll, AF_INET, SOCK_STREAM, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";',
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

const updatesOf = (kernel: Kernel): Message[] =>
  kernel.iopub.filter((message) => message.header.msg_type === "update_display_data");

const content = (message: Message): string => (message.content.data as Record<string, string>)["text/html"] ?? "";

describe.each(["ours", "stock"] as const)("pictures in a cell (%s)", (spec) => {
  test("are images with words beside them, drawn from the calls and from the system", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, IMPORT);
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
      expect(alt(await html(kernel, "states(client);"))).toMatch(/FIN-WAIT/);
    });
  });

  test("show another process's sockets as this one's, with their states when they changed", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, `${IMPORT}\nimport { otherProcess } from "kernel-helpers";`);
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
      expect(alt(await html(kernel, "states(theirs);"))).toContain("3 CLOSED");
    });
  });

  test("the panel follows while other cells run, at most ten times a second, and is quiet when nothing happens", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, IMPORT);
      await run(kernel, "panel();");
      await run(kernel, CONNECT);
      await kernel.waitForOutput(
        (message) => message.header.msg_type === "update_display_data" && content(message).includes("client: connect"),
      );
      const before = updatesOf(kernel).length;
      const start = performance.now();
      await run(kernel, 'for (let i = 0; i < 300; i++) await client.send("x");');
      // An empty cell comes after everything that the loop has sent; the last update is at most one interval later.
      await kernel.waitForOutput(
        (message) =>
          message.header.msg_type === "update_display_data" && content(message).includes("send &quot;x&quot;"),
      );
      const seconds = (performance.now() - start) / 1000;
      const ladders = updatesOf(kernel).map((message) => Number(/ height="(\d+)"/.exec(content(message))?.[1]));
      expect(Math.max(...ladders)).toBeLessThanOrEqual(460);
      const during = updatesOf(kernel).length - before;
      expect(during).toBeGreaterThanOrEqual(1);
      expect(during).toBeLessThanOrEqual(10 * seconds + 2);
      // Cells without calls change nothing: at most the one update that was due is still to come.
      const after = updatesOf(kernel).length;
      for (let i = 0; i < 20; i++) await run(kernel, "1+1");
      expect(updatesOf(kernel).length).toBeLessThanOrEqual(after + 1);
    });
  });

  test("a live plot is drawn again in its place, at most ten times a second, and once more when it is finished", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, 'import { every, livePlot } from "kernel-helpers";');
      const start = performance.now();
      const wanted = '{ title: "t", x: { label: "n" }, dots: [{ name: "values", points }] }';
      const cell = await run(
        kernel,
        `const points: [number, number][] = [];\nconst chart = livePlot(${wanted});\nawait every(5, 100, (n) => { points.push([n, n]); chart.update(); });\nchart.finish();`,
      );
      const seconds = (performance.now() - start) / 1000;
      const first = cell.messages.find((message) => message.header.msg_type === "display_data")!;
      const updates = updatesOf(kernel);
      const idOf = ({ content }: (typeof updates)[0]) => (content.transient as { display_id: string }).display_id;
      expect(new Set(updates.map(idOf))).toEqual(new Set([idOf(first)]));
      expect(content(first)).toContain("values: no values.");
      expect(content(updates.at(-1)!)).toContain("values: 100 values, from 0 to 99.");
      expect(updates.length).toBeGreaterThanOrEqual(3);
      expect(updates.length).toBeLessThanOrEqual(10 * seconds + 2);
      const after = updates.length;
      for (let i = 0; i < 20; i++) await run(kernel, "1+1");
      expect(updatesOf(kernel)).toHaveLength(after);
    });
  });

  test("a panel that is run again moves to its new place, and the old one stays as it was", async () => {
    await withKernel({ spec }, async (kernel) => {
      await run(kernel, IMPORT);
      await run(kernel, "panel();");
      const second = await run(kernel, "panel();");
      const place = second.messages.find((message) => message.header.msg_type === "display_data");
      const id = (place!.content.transient as { display_id: string }).display_id;
      await run(kernel, CONNECT);
      await kernel.waitForOutput(
        (message) => message.header.msg_type === "update_display_data" && content(message).includes("client: connect"),
      );
      for (const update of updatesOf(kernel)) {
        expect((update.content.transient as { display_id: string }).display_id).toBe(id);
      }
    });
  });
});

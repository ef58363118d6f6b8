import { expect, test } from "vitest";
import { run, wrapped } from "../support/child.js";

/** Runs a script in a process that may have 64 descriptors, and gives what it printed. */
async function withFew(script: string): Promise<string[]> {
  const all = `const { choosePort, handles, ladder, otherProcess, panel, plot, sockets: table, states, addressBytes } = sockets;
    const made = [];
    const fill = () => { try { for (;;) made.push(socket("s" + made.length, AF_INET, SOCK_STREAM)); } catch (error) { return error.code; } };
    ${script}`;
  const { stdout, stderr, code } = await run("sh", [
    "-c",
    'ulimit -n 64; exec "$0" -e "$1"',
    process.execPath,
    wrapped(all),
  ]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout.trimEnd().split("\n");
}

const PLOT = '{ title: "t", x: { label: "a" }, y: { label: "b" }, lines: [{ name: "n", points: [[0, 1], [1, 2]] }] }';

// Each in a process of its own: what one has loaded, the next one need not load.
test.each([
  ["handles()", "LISTEN"],
  ["table()", "LISTEN"],
  ["ladder()", "socket AF_INET SOCK_STREAM"],
  ["panel()", "LISTEN"],
  ["states(server)", "LISTEN"],
  [`plot(${PLOT})`, "t"],
  ["addressBytes(LOOPBACK, 80)", "127"],
])("without a descriptor left %s shows what it shows", async (call, part) => {
  const lines = await withFew(`
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, 0);
    server.listen(5);
    console.log(fill());
    ${call};
    console.log("again");
    ${call};
    console.log(fill());`);
  expect(lines[0]).toBe("EMFILE");
  expect(lines.at(-1)).toBe("EMFILE");
  const again = lines.indexOf("again");
  expect(lines.slice(1, again).join("\n")).toContain(part);
  expect(lines.slice(again + 1).join("\n")).toContain(part);
});

test("without a descriptor left another program is still found, and said by its name", async () => {
  const lines = await withFew(`
    const { spawn } = require("node:child_process");
    const port = choosePort();
    const python = spawn("python3", ["-c", "import socket, sys; s = socket.create_server(('127.0.0.1', " + port + ")); print('ready', flush=True); sys.stdin.read()"]);
    await new Promise((resolve) => python.stdout.once("data", resolve));
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    fill();
    const rival = made[0];
    try { rival.bind(LOOPBACK, port); } catch (error) { console.log(error.advice); }
    table();
    python.stdin.end();
    await new Promise((resolve) => python.once("exit", resolve));
    closeAll();`);
  expect(lines[0]).toMatch(/pid \d+, python/);
  expect(lines.find((line) => line.includes("(not of this notebook)"))).toMatch(/LISTEN .* pid \d+ python/);
});

test("when the spare descriptor is gone too, the error is the workshop's own; when some are closed it goes on", async () => {
  const lines = await withFew(`
    const fs = require("node:fs");
    // Node has opened /dev/null for nothing else here.
    for (const fd of fs.readdirSync("/proc/self/fd").map(Number)) {
      try { if (fd > 2 && fs.readlinkSync("/proc/self/fd/" + fd) === "/dev/null") fs.closeSync(fd); } catch {}
    }
    fill();
    for (const show of [handles, ladder]) {
      try { show(); console.log("shown"); } catch (error) { console.log(error.name, error.code, error.message); }
    }
    made[0].close();
    made[1].close();
    handles();
    console.log(fill());
    ladder();
    console.log("shown");`);
  for (const line of lines.slice(0, 2)) {
    expect(line).toMatch(/^SocketError EMFILE open\(".*"\) = -1 EMFILE .*no descriptor left to look with/);
  }
  expect(lines.slice(2).join("\n")).toContain("s2 ");
  expect(lines.at(-1)).toBe("shown");
});

test.each([[""], [', { network: "own" }']])(
  "without a descriptor left otherProcess(name%s) says so, and nothing of what the machine allows",
  async (options) => {
    const lines = await withFew(`
    fill();
    const error = await otherProcess("lab"${options}).catch((error) => error);
    console.log(error.name, error.code, error.errno, error.message);
    closeAll();
    const lab = await otherProcess("lab");
    console.log(lab.running);
    await lab.stop();`);
    expect(lines).toEqual([
      `SocketError EMFILE 24 otherProcess("lab"${options}) on "lab" = -1 EMFILE (Too many open files). There is no descriptor left for the pipes to another process. Run closeAll(), or close() what is no longer used, and then this cell again. man 2 socketpair`,
      "true",
    ]);
  },
);

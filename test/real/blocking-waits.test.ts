import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PATIENCE_MS } from "../support/time.js";

/** What a program of its own prints: whatever waits for ever in it does not hold the tests up. */
async function run(program: string): Promise<{ stdout: string }> {
  const done = await promisify(execFile)(process.execPath, ["-e", program], { timeout: PATIENCE_MS });
  return { stdout: done.stdout.trim() };
}

const BEGIN = `
  const { calls, trace, AF_INET, AF_UNIX, SOCK_STREAM, SOCK_DGRAM } = require("kernel-helpers");
  trace.off();
  const at = { family: "AF_INET", address: "127.0.0.1", port: 0 };
  const attempt = (action) => { try { action(); return "returned"; } catch (error) { return error.code + " " + error.advice; } };
`;

// Five run at a time: first the one that waits twice.
test.concurrent.for([
  [
    "connect",
    "const server = calls.socket(AF_INET, SOCK_STREAM); calls.bind(server, at); calls.listen(server, 0); const to = calls.getsockname(server); const fd = calls.socket(AF_INET, SOCK_STREAM); calls.connect(calls.socket(AF_INET, SOCK_STREAM), to);",
    "calls.connect(fd, to); calls.connect(calls.socket(AF_INET, SOCK_STREAM), to)",
  ],
  [
    "accept",
    "const fd = calls.socket(AF_INET, SOCK_STREAM); calls.bind(fd, at); calls.listen(fd, 1);",
    "calls.accept(fd)",
  ],
  ["recv", "const [fd] = calls.socketpair(AF_UNIX, SOCK_STREAM);", "calls.recv(fd, Buffer.alloc(1))"],
  [
    "recvfrom",
    "const fd = calls.socket(AF_INET, SOCK_DGRAM); calls.bind(fd, at);",
    "calls.recvfrom(fd, Buffer.alloc(1))",
  ],
  [
    "recvmsg",
    "const fd = calls.socket(AF_INET, SOCK_DGRAM); calls.bind(fd, at);",
    "calls.recvmsg(fd, Buffer.alloc(1))",
  ],
  ["send", "const [fd] = calls.socketpair(AF_UNIX, SOCK_STREAM);", "for (;;) calls.send(fd, Buffer.alloc(100_000))"],
  [
    "sendmsg",
    "const [fd] = calls.socketpair(AF_UNIX, SOCK_STREAM);",
    "for (;;) calls.sendmsg(fd, { data: Buffer.alloc(100_000) })",
  ],
] as const)(
  "%s on a descriptor that blocks ends after 10 s, and says why",
  { timeout: PATIENCE_MS },
  async ([, prepare, call], { expect }) => {
    const { stdout } = await run(`${BEGIN}${prepare}
    setTimeout(() => console.log(attempt(() => { ${call} })), 1);`);
    expect(stdout).toMatch(/^(EAGAIN|EINPROGRESS) The descriptor blocks, and its time is over: 10 s/);
  },
);

test("an interrupt ends the wait at once", async () => {
  const { stdout } = await run(`${BEGIN}
    process.on("SIGINT", () => {});
    const [fd] = calls.socketpair(AF_UNIX, SOCK_STREAM);
    require("node:child_process").spawn("sh", ["-c", "sleep 0.3; kill -INT " + process.pid]);
    console.log(attempt(() => calls.recv(fd, Buffer.alloc(1))));`);
  expect(stdout).toMatch(/^EINTR /);
});

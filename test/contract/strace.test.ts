import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { allUnderStrace, firstDifference, underStrace } from "../support/strace.js";
import { temporaryOfTest } from "../support/temporary.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/** Writes the whole record in strace's words to a file: a cell's output would be calls of its own. */
function writeRecord(path: string): string {
  return [
    `const { exactText } = require("kernel-helpers/dist/calls");`,
    `const lines = require("kernel-helpers").trace.records(process.pid).map(exactText);`,
    `require("fs").writeFileSync(${JSON.stringify(path)}, lines.join("\\n"));`,
  ].join("\n");
}

const TWO_PROCESSES = [
  'import { choosePort, ladder, otherProcess, socket, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";',
  'const PORT = choosePort(); const rival = await otherProcess("rival");',
  'const taken = await rival.socket("taken", AF_INET, SOCK_STREAM); await taken.bind(LOOPBACK, PORT); await taken.listen(5);',
  "const waiting = taken.accept();",
  'const mine = socket("mine", AF_INET, SOCK_STREAM); await mine.connect(LOOPBACK, PORT); const theirs = await waiting;',
  'await mine.send("hello"); await theirs.recv(); mine.close();',
  "await theirs.recv(); await theirs.close();",
  "ladder();",
  // When it answers this, it has looked for everything that was done here before.
  "await taken.getsockname();",
];

test("the record of a notebook and of its other process is what strace sees of both, the looks at TCP states too", async () => {
  const directory = temporaryOfTest();
  const seen = join(directory, "seen");
  const record = join(directory, "record");
  const write = [
    `const { exactText } = require("kernel-helpers/dist/calls"); const { trace } = require("kernel-helpers");`,
    "const both = [process.pid, rival.pid].map((pid) => ({ pid, lines: trace.records(pid).map(exactText) }));",
    `require("fs").writeFileSync(${JSON.stringify(record)}, JSON.stringify(both));`,
    // What is recorded is what there is to compare: the ends of the two processes are not.
    'process.kill(rival.pid, "SIGKILL");',
  ].join("\n");
  await withKernel({ spec: "ours", command: (command) => allUnderStrace(command, seen) }, async (kernel) => {
    for (const code of TWO_PROCESSES) expect((await kernel.execute(code)).status, code).toBe("ok");
    expect((await kernel.execute(write)).status).toBe("ok");
  });
  const both = JSON.parse(readFileSync(record, "utf8")) as { pid: number; lines: string[] }[];
  for (const { pid, lines } of both) {
    expect(lines.filter((line) => /TCP_INFO, .*, \[1\]\) = 0$/.test(line)).length).toBeGreaterThan(3);
    const saw = readFileSync(`${seen}.${pid}`, "utf8").split("\n");
    expect(firstDifference(saw, lines)).toBeUndefined();
  }
});

describe("the exact trace is what strace sees", { concurrent: true }, () => {
  test.for(notebookNames())("%s, every call of it", { timeout: LONG_PATIENCE_MS }, async (name, { onTestFinished }) => {
    const directory = temporaryOfTest(onTestFinished);
    const seen = join(directory, "seen");
    const record = join(directory, "record");
    await withKernel({ spec: "ours", command: (command) => underStrace(command, seen) }, async (kernel) => {
      for (const cell of readNotebook(name).code) {
        expect((await kernel.execute(cell.source)).status, cell.source).toBe("ok");
      }
      expect((await kernel.execute(writeRecord(record))).status).toBe("ok");
    });
    const recorded = readFileSync(record, "utf8").split("\n");
    expect(recorded.length).toBeGreaterThan(5);
    expect(firstDifference(readFileSync(seen, "utf8").split("\n"), recorded)).toBeUndefined();
  });
});

test("messages with all that goes beside them, and what limits a wait, are what strace sees", async () => {
  const directory = temporaryOfTest();
  const [seen, record] = [join(directory, "seen"), join(directory, "record")];
  const program = `
    const { calls, socket, trace, AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, IP_PKTINFO, IP_RECVERR, MSG_ERRQUEUE, MSG_TRUNC, SO_PASSCRED, SO_PEERCRED } = require("kernel-helpers");
    const { exactText } = require("kernel-helpers/dist/calls");
    (async () => {
      trace.off();
      const receiver = socket("receiver", AF_INET, SOCK_DGRAM); receiver.bind("127.0.0.1", 0); receiver.setsockopt(IP_PKTINFO, 1);
      const { port } = receiver.getsockname();
      const sender = socket("sender", AF_INET, SOCK_DGRAM);
      for (const control of [undefined, [{ name: "IP_PKTINFO", local: "127.0.0.2", interface: 1 }]])
        await sender.sendmsg({ data: "gr\u00fc\u00dfe", address: "127.0.0.1", port, control });
      await receiver.recvmsg(); await receiver.recvmsg(3);
      try { calls.recvmsg(receiver.fd, Buffer.alloc(4)); } catch {}
      await sender.sendto("cut", "127.0.0.1", port); await receiver.recvfrom(2);
      await sender.sendto("none", "127.0.0.1", port); calls.recvmsg(receiver.fd, Buffer.alloc(9), MSG_TRUNC, 0);
      sender.setsockopt(IP_RECVERR, 1); receiver.close();
      await sender.sendto("lost", "127.0.0.1", port); await sender.recvmsg(9, MSG_ERRQUEUE);
      const [a, b] = calls.socketpair(AF_UNIX, SOCK_STREAM);
      calls.getsockopt(a, 1, SO_PEERCRED, 12); calls.setsockopt(a, 1, SO_PASSCRED, 1);
      calls.sendmsg(b, { data: "", control: [] }); calls.send(b, "x"); calls.recvmsg(a, Buffer.alloc(9));
      calls.sendmsg(b, { data: "fd", control: [{ level: 1, type: 1, data: new Uint8Array(Int32Array.of(a).buffer) }] });
      calls.close(calls.recvmsg(a, Buffer.alloc(9)).control[1].value[0]);
      for (const flags of [2048, 0, 1024]) { calls.fcntl(a, 4, flags); calls.fcntl(a, 3); }
      for (const flags of [0, 1]) { calls.fcntl(a, 2, flags); calls.fcntl(a, 1); }
      calls.close(b); calls.recvmsg(a, Buffer.alloc(9)); calls.close(a); sender.close();
      require("fs").writeFileSync(${JSON.stringify(record)}, trace.records().map(exactText).join("\\n"));
      process.kill(process.pid, "SIGKILL");
    })();`;
  await promisify(execFile)("env", underStrace([process.execPath, "-e", program], seen)).catch(() => {});
  const recorded = readFileSync(record, "utf8").split("\n");
  expect(recorded.filter((line) => line.startsWith("recvmsg(")).length).toBe(8);
  expect(firstDifference(readFileSync(seen, "utf8").split("\n"), recorded)).toBeUndefined();
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, wrapped } from "../support/child.js";
import { allUnderStrace, firstDifference } from "../support/strace.js";
import { temporaryOfTest } from "../support/temporary.js";

/** As a kernel does it: both processes look at their TCP states after every step, which no exact trace prints. */
const WATCH = `require("kernel-helpers/dist/inspection/state-looks").lookAfterSteps();`;

const CALLS = `
  const rival = await sockets.otherProcess("rival");
  const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
  await taken.bind(LOOPBACK, 0);
  await taken.listen(5);
  const { port } = await taken.getsockname();
  const waiting = taken.accept();
  const mine = socket("mine", AF_INET, SOCK_STREAM);
  await mine.connect(LOOPBACK, port);
  const theirs = await waiting;
  const data = theirs.recv();
  await mine.send("hello");
  await data;
  await theirs.sendAll(Buffer.alloc(300));
  await mine.recv();
  await theirs.setsockopt(sockets.SO_LINGER, { onoff: true, linger: 0 });
  await theirs.recv(10, 0, { timeout: 20 }).catch(() => {});
  await mine.sendto("x", LOOPBACK, 9).catch(() => {});
  const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
  await box.setsockopt(sockets.SO_ATTACH_FILTER, Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]));
  await box.sendto("x", LOOPBACK, port);
  await theirs.close();
  await taken.accept({ timeout: 0 }).catch(() => {});
  await taken.close();
  mine.close();
  await box.close();
  const { exactText } = require("kernel-helpers/dist/calls");
  const lines = (pid) => trace.records(pid).map(exactText);
  console.log(JSON.stringify({ pid: process.pid, own: lines(process.pid), rival: rival.pid, theirs: lines(rival.pid) }));
  await rival.stop();`;

test.each([
  ["", CALLS],
  [", the looks at their TCP states too", WATCH + CALLS],
])("the exact trace of both processes is what strace sees of each%s", async (looks, calls) => {
  const seen = join(temporaryOfTest(), "seen");
  const [strace, ...args] = allUnderStrace([process.execPath, "-e", wrapped(calls)], seen);
  const { stdout, stderr, code } = await run(strace!, args);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const { pid, own, rival, theirs } = JSON.parse(stdout) as Record<string, number> & Record<string, string[]>;
  const sawOf = (process: unknown) => readFileSync(`${seen}.${process}`, "utf8").split("\n");
  expect(own!.length).toBeGreaterThan(8);
  expect(theirs!.length).toBeGreaterThan(20);
  for (const lines of [own!, theirs!] as unknown as string[][]) {
    const asked = lines.filter((line) => /TCP_INFO, .*, \[1\]\) = 0$/.test(line)).length;
    if (looks === "") expect(asked).toBe(0);
    else expect(asked).toBeGreaterThan(10);
  }
  expect(firstDifference(sawOf(pid), own as never)).toBeUndefined();
  expect(firstDifference(sawOf(rival), theirs as never)).toBeUndefined();
});

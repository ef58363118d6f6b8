import { closeSync, fstatSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AF_INET,
  calls,
  closeAll,
  type Handle,
  LOOPBACK,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { beforeEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { run } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { codeOf, rejectionOf } from "../support/outcome.js";

/*
 * A number is no identity: what other code closes, the system gives to the next file or socket. A handle knows its socket by more.
 */

guardDescriptors();
beforeEach(() => trace.off());

const path = join(tmpdir(), `workshop-identity-${process.pid}`);

const [F_GETFL, F_SETFL] = [3, 4]; // fcntl.h

/** Closes the handle's descriptor behind its back, and has Node get its number for a file. */
function takenByFile(handle: Handle): { number: number; inode: number } {
  writeFileSync(path, "Node's own");
  closeSync(handle.fd);
  const others: number[] = [];
  for (;;) {
    const number = openSync(path, "r");
    if (number === handle.fd) {
      for (const other of others) closeSync(other);
      return { number, inode: fstatSync(number).ino };
    }
    if (number > handle.fd) throw new Error(`The number ${handle.fd} was not given again.`);
    others.push(number);
  }
}

async function withFile(action: (handle: Handle) => unknown): Promise<Handle> {
  const handle = socket("mine", AF_INET, SOCK_DGRAM);
  const { number, inode } = takenByFile(handle);
  try {
    await action(handle);
    expect(fstatSync(number).ino).toBe(inode);
  } finally {
    closeSync(number);
    rmSync(path, { force: true });
  }
  return handle;
}

describe("a file of Node's that got the number of a handle's descriptor stays open", () => {
  test("when the handle is closed", async () => {
    const lines = await printed(() => withFile((handle) => handle.close()));
    expect(
      paragraphs(lines)
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual(['Other code closed the descriptor of "mine": nothing is left to close.']);
  });

  test("when everything is closed", async () => {
    await withFile(() => closeAll());
  });

  test("when the name is opened anew", async () => {
    const handle = await withFile(() => void socket("mine", AF_INET, SOCK_DGRAM));
    expect(handle.closed).toBe(true);
  });

  test("when a call finds out, and the error says what happened", async () => {
    const handle = await withFile(async (handle) => {
      const error = await rejectionOf(async () => handle.recv(10));
      expect(error).toMatchObject({ code: "ENOTSOCK", handle: "mine" });
      expect(String(error.advice)).toContain(
        'Other code closed its descriptor. Run the cell with socket("mine", …) again',
      );
      expect(handle.closed).toBe(true);
      handle.close();
    });
    expect(codeOf(() => handle.bind(LOOPBACK, 0))).toBe("EBADF");
  });

  test("when a connect that failed is made again, which takes a new socket", async () => {
    const handle = socket("again", AF_INET, SOCK_STREAM);
    const nobody = socket("nobody", AF_INET, SOCK_STREAM);
    nobody.bind(LOOPBACK, 0);
    const { port } = nobody.getsockname();
    expect(await rejectionOf(handle.connect(LOOPBACK, port))).toMatchObject({ code: "ECONNREFUSED" });
    const { number, inode } = takenByFile(handle);
    expect(await rejectionOf(async () => handle.connect(LOOPBACK, port))).toMatchObject({ name: "ClosedError" });
    expect(fstatSync(number).ino).toBe(inode);
    closeSync(number);
    rmSync(path, { force: true });
  });
});

test("a descriptor that is only closed: the handle is closed too, and closing it is no error", async () => {
  const handle = socket("mine", AF_INET, SOCK_DGRAM);
  closeSync(handle.fd);
  expect(codeOf(() => handle.getsockname())).toBe("EBADF");
  expect(handle.closed).toBe(true);
  const other = socket("other", AF_INET, SOCK_DGRAM);
  closeSync(other.fd);
  other.close();
  expect(other.closed).toBe(true);
});

test("before its first use in each cell the descriptor is looked at: nothing is sent where another socket is now", async () => {
  const { stdout, stderr } = await run(process.execPath, [
    "-e",
    `
    const cell = { count: 1, running: true, run: {}, startedBy: () => cell.run };
    globalThis[Symbol.for("socket-workshop.cell")] = cell;
    const { socket, trace, AF_INET, SOCK_DGRAM, LOOPBACK } = require("kernel-helpers");
    const fs = require("node:fs");
    trace.off();
    const mine = socket("mine", AF_INET, SOCK_DGRAM);
    mine.bind(LOOPBACK, 0);
    const { port } = mine.getsockname();
    fs.closeSync(mine.fd);
    const other = require("node:dgram").createSocket("udp4");
    other.bind(port, LOOPBACK, async () => {
      console.log(fs.fstatSync(mine.fd).isSocket());
      cell.count = 2;
      cell.run = {};
      try { await mine.sendto("stray", LOOPBACK, port); } catch (error) { console.log(error.name, error.advice); }
      other.on("message", (data) => { console.log(String(data)); other.close(); });
      other.send("its own", port, LOOPBACK);
    });`,
  ]);
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "true",
    'ClosedError Other code closed its descriptor in cell 2. Run the cell with socket("mine", …) again, and the cells after it.',
    "its own",
  ]);
});

describe("a number that is opened anew is no handle's any more", () => {
  /** Closes the handle's descriptor behind its back, and opens it anew without a handle. */
  const openedAnew = (handle: Handle, open: () => number): number => {
    closeSync(handle.fd);
    const fd = open();
    expect(fd).toBe(handle.fd);
    return fd;
  };

  test.each([
    ["socket", () => calls.socket(AF_INET, SOCK_STREAM)],
    ["dup", () => calls.dup(1)],
    ["epoll_create1", () => calls.epoll_create1()],
  ])("%s: calls on it say nothing of the handle, and change nothing there", async (_, open) => {
    const handle = socket("handle", AF_INET, SOCK_STREAM);
    const waiting = rejectionOf(handle.connect("203.0.113.9", 9, { timeout: 5000 }));
    const fd = openedAnew(handle, open);
    expect((await waiting).message).toContain("something else has its number");
    expect(handle.closed).toBe(true);
    calls.fcntl(fd, F_SETFL, calls.fcntl(fd, F_GETFL) & ~SOCK_NONBLOCK);
    handle.close();
    expect(calls.fcntl(fd, F_GETFL)).toBeGreaterThanOrEqual(0);
    calls.close(fd);
  });
});

import { readdirSync, readlinkSync } from "node:fs";
import { closeAll, trace } from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { afterEach, beforeEach, expect } from "vitest";

/** The descriptors of a process that are sockets: number → inode. */
export function socketDescriptors(pid: number | "self" = "self"): Map<number, string> {
  const sockets = new Map<number, string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      if (target.startsWith("socket:")) sockets.set(Number(fd), target);
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
  return sockets;
}

/** Descriptors that are open now and were not before, as `21 socket:[4711]`. */
export function newSince(before: Map<number, string>): string[] {
  return [...socketDescriptors()].filter(([fd, inode]) => before.get(fd) !== inode).map((entry) => entry.join(" "));
}

/**
 * For a whole test file: nothing is printed unless a test turns the trace on, all handles are closed after each test, and then no socket
 * is open that was not open before it, and nobody waits.
 */
export function guardDescriptors(): void {
  let before = new Map<number, string>();
  beforeEach(() => {
    trace.off();
    before = socketDescriptors();
  });
  afterEach(async () => {
    trace.off();
    closeAll();
    // Those of Node's own modules and of ZeroMQ are closed by other threads, a moment later.
    await expect.poll(() => newSince(before), { message: "sockets left open" }).toEqual([]);
    expect(reactor().pending(), "waits left pending").toEqual([]);
    trace.clear();
  });
}

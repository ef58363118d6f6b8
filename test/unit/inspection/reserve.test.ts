import { closeSync, fstatSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { SystemFiles, withSpareDescriptor } from "kernel-helpers/dist/inspection/index.js";
import { expect, test } from "vitest";
import { failureOf } from "../../support/outcome.js";

const outOf = (code: string): Error => Object.assign(new Error(code), { code, path: "/proc/self/stat" });

/** The descriptors of this process that are open for /dev/null. */
function nulls(): number[] {
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => {
      try {
        return fd > 2 && readlinkSync(`/proc/self/fd/${fd}`) === "/dev/null";
      } catch {
        return false;
      }
    });
}

test("what fails for want of a descriptor is done again with one more, and then there is one in reserve again", () => {
  for (const code of ["EMFILE", "ENFILE"]) {
    const before = nulls();
    let during: number[] = [];
    let times = 0;
    const value = withSpareDescriptor(() => {
      times += 1;
      if (times === 1) throw outOf(code);
      during = nulls();
      return "done";
    });
    expect([value, times]).toEqual(["done", 2]);
    expect(during).toHaveLength(before.length - 1);
    expect(nulls()).toHaveLength(before.length);
  }
});

test("another error is thrown as it is, and nothing is done again; out of descriptors a second time is the workshop's own error", () => {
  let times = 0;
  const fail = (error: Error) => () => {
    times += 1;
    throw error;
  };
  const other = new Error("another");
  expect(failureOf(() => withSpareDescriptor(fail(other)))).toBe(other);
  expect(times).toBe(1);
  const error = failureOf(() => withSpareDescriptor(fail(outOf("EMFILE"))));
  expect(error).toMatchObject({ name: "SocketError", code: "EMFILE", errno: 24, syscall: "open" });
  expect(error.message).toContain('open("/proc/self/stat") = -1 EMFILE');
});

test("a descriptor that somebody else has opened under the number of the spare one is not closed", () => {
  const spare = nulls().find((fd) => {
    // The one that is given back is the reserve's.
    let given = false;
    try {
      withSpareDescriptor(() => {
        if (nulls().includes(fd)) throw outOf("EMFILE");
        given = true;
      });
    } catch {
      // Not this one.
    }
    return given;
  })!;
  closeSync(spare);
  const mine = openSync("/proc/self/status", "r");
  expect(mine).toBe(spare);
  let times = 0;
  withSpareDescriptor(() => {
    times += 1;
    if (times === 1) throw outOf("EMFILE");
  });
  expect(fstatSync(mine).isFile()).toBe(true);
  closeSync(mine);
});

test("each file of the system is read once, and what is not there is asked for once too", () => {
  const files = new SystemFiles();
  // It counts the reads of the clock: another one is another text.
  const first = files.text("/proc/uptime");
  const end = performance.now() + 30;
  while (performance.now() < end);
  expect(files.text("/proc/uptime")).toBe(first);
  expect(new SystemFiles().text("/proc/uptime")).not.toBe(first);
  expect(files.text("/proc/none")).toBeUndefined();
  expect(files.link("/proc/self/stat")).toBeUndefined();
  expect(files.names("/proc/none")).toEqual([]);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AF_INET, calls, SOCK_STREAM, trace } from "kernel-helpers";
import { hasEnded, inodeOf, ownersOf, socketOwners } from "kernel-helpers/dist/inspection/index.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { start } from "../../support/child.js";

let root: string;
beforeEach(() => {
  trace.off();
  root = mkdtempSync(join(tmpdir(), "workshop-proc-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A process as /proc shows it: descriptors, and where they lead. */
function addProcess(pid: number, command: string, descriptors: Record<number, string>): void {
  mkdirSync(join(root, `${pid}/fd`), { recursive: true });
  writeFileSync(join(root, `${pid}/comm`), `${command}\n`);
  for (const [fd, target] of Object.entries(descriptors)) symlinkSync(target, join(root, `${pid}/fd/${fd}`));
}

describe("who has a socket", () => {
  test("process, name and descriptor; others are passed over", () => {
    addProcess(12, "systemd", { 0: "/dev/null", 4: "socket:[70]" });
    addProcess(4711, "python3", { 0: "/dev/pts/1", 3: "socket:[71]", 5: "pipe:[71]", 6: "anon_inode:[eventfd]" });
    writeFileSync(join(root, "version"), "");
    mkdirSync(join(root, "self"));
    expect(ownersOf([71, 70, 5], root)).toEqual(
      new Map([
        [70, { pid: 12, command: "systemd", fd: 4 }],
        [71, { pid: 4711, command: "python3", fd: 3 }],
      ]),
    );
  });

  test("0 is no socket's number, and without a question nothing is looked at", () => {
    addProcess(12, "init", { 4: "socket:[0]" });
    expect(ownersOf([0], root).size).toBe(0);
    expect(ownersOf([], "/nowhere").size).toBe(0);
  });

  test("a process that ends meanwhile, or may not be looked at, is passed over", () => {
    addProcess(12, "gone", {});
    rmSync(join(root, "12/fd"), { recursive: true });
    addProcess(13, "nameless", { 4: "socket:[71]" });
    rmSync(join(root, "13/comm"));
    expect(ownersOf([71], root)).toEqual(new Map([[71, { pid: 13, command: "", fd: 4 }]]));
    expect(ownersOf([71], join(root, "none")).size).toBe(0);
  });

  test("the search is bounded", () => {
    addProcess(12, "busy", Object.fromEntries(Array.from({ length: 20_001 }, (_, fd) => [fd, "/dev/null"])));
    addProcess(13, "behind", { 4: "socket:[71]" });
    expect(ownersOf([71], root).size).toBe(0);
  });

  test("in this process, as the system tells it", () => {
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    const inode = inodeOf(fd)!;
    expect(ownersOf([inode]).get(inode)).toMatchObject({ pid: process.pid, fd });
    expect(inodeOf(fd, process.pid)).toBe(inode);
    expect(socketOwners([inode]).get(inode)).toMatchObject({ pid: process.pid, fd });
    calls.close(fd);
    expect(socketOwners([inode]).size).toBe(0);
  });
});

test("a process has ended when it is gone, or only waits for its parent to ask how", async () => {
  const child = start("sh", ["-c", "echo here; read line"]);
  await child.line();
  const { pid } = child.process;
  expect(hasEnded(pid!)).toBe(false);
  child.end();
  await child.ended;
  expect(hasEnded(pid!)).toBe(true);
  // The shell would ask; the sleeping one that takes its place never does, and its child stays a zombie.
  const parent = start("sh", ["-c", 'exec 3<&0; cat <&3 & echo "$!"; exec sleep 20']);
  const zombie = Number(await parent.line());
  await expect.poll(() => readFileSync(`/proc/${parent.process.pid}/comm`, "utf8").trim()).toBe("sleep");
  parent.end();
  await expect.poll(() => hasEnded(zombie)).toBe(true);
  expect(process.kill(zombie, 0)).toBe(true);
  parent.process.kill("SIGKILL");
  await parent.ended;
});

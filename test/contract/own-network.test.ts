import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { commandInOwnNetwork, whyNoNetwork } from "../support/own-network.js";
import { temporaryOfTest } from "../support/temporary.js";

/* vitest.config.ts runs test files that make connections beside each other, each in a network of its own: what they find there. */

const LOOK = `
const { execFileSync } = require("node:child_process");
const { readFileSync, readlinkSync } = require("node:fs");
const read = (path) => readFileSync(path, "utf8");
console.log(JSON.stringify({
  network: readlinkSync("/proc/self/ns/net"),
  user: [process.getuid(), process.geteuid(), process.getgid(), process.getegid()],
  privileges: /^CapEff.*/m.exec(read("/proc/self/status"))[0],
  addresses: Object.values(require("node:os").networkInterfaces()).flat().map(({ address }) => address),
  route: execFileSync("ip", ["route", "get", "198.51.100.1"], { encoding: "utf8" }),
  // Below the heading: one line for each socket.
  sockets: ["tcp", "udp", "unix"].map((name) => read("/proc/net/" + name).trim().split("\\n").length - 1),
}));`;

const look = ([program, ...args]: string[]) => JSON.parse(execFileSync(program!, args, { encoding: "utf8" }));

describe.runIf(whyNoNetwork() === undefined)("a network of its own", () => {
  const own = [process.execPath, "-e", LOOK];
  let inside: Record<string, unknown>;
  beforeAll(() => {
    inside = look(commandInOwnNetwork(own));
  });

  test("has a loopback interface, another one with a route to everywhere, and nobody's sockets", () => {
    expect(inside.addresses).toEqual(expect.arrayContaining(["127.0.0.1", "192.0.2.2"]));
    expect(inside.route).toContain("dev eth0 src 192.0.2.2");
    expect(inside.sockets).toEqual([0, 0, 0]);
  });

  test("is another network, and nothing else is another: not the user, not the privileges", () => {
    const outside = look(own);
    expect(inside.network).not.toBe(outside.network);
    expect(inside).toMatchObject({ user: outside.user, privileges: outside.privileges });
  });

  test("has the program as the very process that was started, so that a signal reaches it", () => {
    const [program, ...args] = commandInOwnNetwork([process.execPath, "-p", "process.pid"]);
    const { pid, stdout } = spawnSync(program, args, { encoding: "utf8" });
    expect(Number(stdout)).toBe(pid);
  });
});

describe("where it cannot be had, the system's own words are told", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test("when the program is not there", () => {
    vi.stubEnv("PATH", temporaryOfTest());
    expect(whyNoNetwork()).toContain("unshare ENOENT");
  });

  test("when it is refused", () => {
    const folder = temporaryOfTest();
    const refuses = "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n";
    writeFileSync(join(folder, "unshare"), refuses, { mode: 0o755 });
    vi.stubEnv("PATH", folder);
    expect(whyNoNetwork()).toBe("unshare: unshare failed: Operation not permitted");
  });
});

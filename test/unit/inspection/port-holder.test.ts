import { describeHolder, portHolder, type SocketRow } from "kernel-helpers/dist/inspection/index.js";
import { describe, expect, test } from "vitest";

/** A row of the table: `LISTEN 127.0.0.1:80 #5`, where #0 is a socket that no process has. */
function row(text: string, uid = 1000): SocketRow {
  const [, state, address, port, inode] = /^(\S+) (\S+):(\d+) #(\d+)$/.exec(text)!;
  return {
    protocol: address!.includes(":") ? "tcp6" : "tcp",
    local: { address: address!, port: Number(port) },
    peer: { address: "0.0.0.0", port: 0 },
    state: state!,
    receiveQueue: 0,
    sendQueue: 0,
    uid,
    inode: Number(inode),
    drops: undefined,
  };
}

const WANTED = { address: "127.0.0.1", port: 80, datagram: false };
const PYTHON = { pid: 4711, command: "python3", fd: 3 };
const sees = (inodes: number[]) => new Map(inodes.map((inode) => [inode, PYTHON]));
const seesNothing = () => new Map<number, typeof PYTHON>();

const holder = (rows: string[], find = sees, address = WANTED.address) =>
  portHolder(
    { ...WANTED, address },
    rows.map((text) => row(text)),
    find,
  );

describe("who has a port, from the system's table", () => {
  test("a process that listens, before its own connections", () => {
    const rows = ["ESTABLISHED 127.0.0.1:80 #6", "LISTEN 127.0.0.1:80 #5"];
    expect(holder(rows)).toEqual({ kind: "process", owner: PYTHON, state: "LISTEN" });
  });

  test("only sockets on that port and on addresses that exclude each other", () => {
    const others = ["LISTEN 127.0.0.1:81 #5", "LISTEN 127.0.0.2:80 #6", "LISTEN ::1:80 #7"];
    expect(holder(others)).toEqual({ kind: "unlisted" });
    for (const taken of ["0.0.0.0", "::", "::ffff:127.0.0.1", "127.0.0.1"]) {
      expect(holder([...others, `LISTEN ${taken}:80 #8`]), taken).toMatchObject({ kind: "process" });
    }
    expect(holder(["LISTEN 127.0.0.1:80 #5"], sees, "0.0.0.0")).toMatchObject({ kind: "process" });
    expect(holder(["LISTEN 127.0.0.1:80 #5"], sees, "::")).toMatchObject({ kind: "process" });
    expect(holder(["LISTEN 127.0.0.1:80 #5"], sees, "::1")).toEqual({ kind: "unlisted" });
    expect(holder(["LISTEN ::1:80 #5"], sees, "0.0.0.0")).toEqual({ kind: "unlisted" });
  });

  test("of two that listen, the one of which it is certain: [::] can be for IPv6 alone", () => {
    const found = (rows: string[], address: string) =>
      holder(rows, (inodes) => new Map(inodes.map((n) => [n, { ...PYTHON, fd: n }])), address);
    for (const rows of [
      ["LISTEN :::80 #5", "LISTEN 0.0.0.0:80 #6"],
      ["LISTEN 0.0.0.0:80 #6", "LISTEN :::80 #5"],
    ]) {
      expect(found(rows, "0.0.0.0")).toMatchObject({ owner: { fd: 6 } });
      expect(found(rows, "::")).toMatchObject({ owner: { fd: 5 } });
    }
  });

  test("a process that may not be looked at, with its user", () => {
    expect(holder(["LISTEN 127.0.0.1:80 #5"], seesNothing)).toEqual({ kind: "hidden", uid: 1000, state: "LISTEN" });
  });

  test("connections without a process: TIME_WAIT first, then those that are closing", () => {
    const closing = "FIN_WAIT2 127.0.0.1:80 #0";
    expect(holder([closing, "TIME_WAIT 127.0.0.1:80 #0"])).toEqual({ kind: "time-wait" });
    expect(holder([closing])).toEqual({ kind: "closing", state: "FIN_WAIT2" });
    expect(holder([closing, "CLOSE_WAIT 127.0.0.1:80 #9"])).toMatchObject({ kind: "process", state: "CLOSE_WAIT" });
  });

  test("an empty table", () => {
    expect(holder([])).toEqual({ kind: "unlisted" });
  });

  test("nothing is claimed without a table, nor of a datagram socket that is not in its table, where all with a port are", () => {
    // The default would read the system's own table: a process without one has none.
    expect(portHolder({ ...WANTED, pid: 2 ** 30 })).toEqual({ kind: "unknown" });
    expect(portHolder({ ...WANTED, datagram: true }, [])).toEqual({ kind: "unknown" });
  });
});

describe("what the learner is told", () => {
  const owner = PYTHON;
  test.each([
    [
      { kind: "process", owner, state: "LISTEN" } as const,
      "Port 80 is taken by another process: pid 4711, python3 (listening). Choose another port, or end that program.",
    ],
    [{ kind: "process", owner, state: "CLOSE" } as const, "pid 4711, python3 (a datagram socket)"],
    [{ kind: "process", owner, state: "ESTABLISHED" } as const, "pid 4711, python3 (a connection that is open)"],
    [{ kind: "process", owner, state: "CLOSE_WAIT" } as const, "pid 4711, python3 (a connection in CLOSE_WAIT)"],
    [
      { kind: "hidden", uid: 0, state: "LISTEN" } as const,
      "Port 80 is taken by a socket of user 0 (listening). Which process has it could not be found out: it is one that you may not look at, or the system itself. Choose another port.",
    ],
    [
      { kind: "time-wait" } as const,
      "Port 80 has a closed connection in TIME_WAIT: the system keeps it for up to 60 s. Wait, choose another port, or set SO_REUSEADDR before bind(), on the old socket as well as on the new one.",
    ],
    [{ kind: "closing", state: "FIN_WAIT2" } as const, "Port 80 has a connection that no process has any more"],
    [
      { kind: "unlisted" } as const,
      "by another process, or by a descriptor of yours without a handle. Its socket is bound",
    ],
    [
      { kind: "unknown" } as const,
      "or (TCP) by a closed connection in TIME_WAIT: the system does not show which. Choose another port.",
    ],
  ])("%j", (found, words) => {
    expect(describeHolder(found, 80)).toContain(words);
  });
});

import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { AF_INET, AF_INET6, calls, LOOPBACK, SOCK_DGRAM, SOCK_STREAM, trace } from "kernel-helpers";
import {
  ephemeralPorts,
  inodeOf,
  networkOf,
  parseSocketTable,
  socketTable,
  tcpInfo,
} from "kernel-helpers/dist/inspection/index.js";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => trace.off());

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

describe("parseSocketTable", () => {
  test("TCP over IPv4", () => {
    const text = `${HEAD}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0\n`;
    expect(parseSocketTable("tcp", text)).toEqual([
      {
        protocol: "tcp",
        local: { address: "127.0.0.1", port: 8080 },
        peer: { address: "0.0.0.0", port: 0 },
        state: "LISTEN",
        sendQueue: 0,
        receiveQueue: 2,
        uid: 1000,
        inode: 4711,
        drops: undefined,
      },
    ]);
  });

  test("TCP over IPv6", () => {
    const text = `${HEAD}   0: 00000000000000000000000001000000:0050 0000000000000000FFFF00000100007F:C350 01 0000000A:00000000 01:00000014 00000000     0        0 12 1\n`;
    const [row] = parseSocketTable("tcp6", text);
    expect(row).toMatchObject({
      local: { address: "::1", port: 80 },
      peer: { address: "::ffff:127.0.0.1", port: 50_000 },
      state: "ESTABLISHED",
      sendQueue: 10,
      inode: 12,
    });
  });

  test("UDP has drops", () => {
    const text = `${HEAD} 1234: 0100007F:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000   101        0 99 2 0000000000000000 1908\n`;
    expect(parseSocketTable("udp", text)).toMatchObject([{ receiveQueue: 768, drops: 1908 }]);
  });

  test("a state that is not known is shown as its number; no rows are no rows", () => {
    const text = `${HEAD}   0: 0100007F:1F90 00000000:0000 7F 00000000:00000000 00:00000000 00000000 0 0 1 1\n`;
    expect(parseSocketTable("tcp", text)[0]!.state).toBe("7F");
    expect(parseSocketTable("tcp", HEAD)).toEqual([]);
    expect(parseSocketTable("tcp", "")).toEqual([]);
  });
});

test("the table of a process is that of its network; one that has ended, or never was, has none", () => {
  // Of all others on this machine, some come and go between two looks.
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port: 0 });
  calls.listen(fd, 1);
  const own = inodeOf(fd);
  const rows = (pid?: number) => socketTable("tcp", pid)!.filter(({ inode }) => inode === own);
  expect(networkOf(process.pid)).toBe(networkOf());
  expect(rows()).toHaveLength(1);
  expect(rows(process.pid)).toEqual(rows());
  calls.close(fd);
  const ended = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
  expect(networkOf(ended)).toBeUndefined();
  expect(socketTable("tcp", ended)).toBeUndefined();
  expect(socketTable("udp", ended)).toBeUndefined();
});

test("a descriptor's row is found by its inode, in the right table", () => {
  const address = { family: "AF_INET", address: LOOPBACK, port: 0 } as const;
  const six = { family: "AF_INET6", address: "::1", port: 0, flowinfo: 0, scopeId: 0 } as const;
  const rows = [
    ["tcp", AF_INET, SOCK_STREAM, address],
    ["tcp6", AF_INET6, SOCK_STREAM, six],
    ["udp", AF_INET, SOCK_DGRAM, address],
    ["udp6", AF_INET6, SOCK_DGRAM, six],
  ] as const;
  for (const [protocol, family, type, to] of rows) {
    const fd = calls.socket(family, type);
    calls.bind(fd, to);
    if (type === SOCK_STREAM) calls.listen(fd, 3);
    const name = calls.getsockname(fd);
    const [own, other] = type === SOCK_STREAM ? (["tcp", "udp"] as const) : (["udp", "tcp"] as const);
    const row = socketTable(own)!.find(({ inode }) => inode === inodeOf(fd));
    expect(row).toMatchObject({ protocol, local: { address: to.address, port: (name as { port: number }).port } });
    expect(socketTable(other)!.some(({ inode }) => inode === inodeOf(fd))).toBe(false);
    calls.close(fd);
  }
});

test("what is no socket has no inode", () => {
  expect(inodeOf(-1)).toBeUndefined();
  const file = openSync("/dev/null", "r");
  expect(inodeOf(file)).toBeUndefined();
  closeSync(file);
});

test("TCP_INFO is for TCP alone", () => {
  const stream = calls.socket(AF_INET, SOCK_STREAM);
  const datagrams = calls.socket(AF_INET, SOCK_DGRAM);
  expect(tcpInfo(stream)?.state).toBe("CLOSE");
  calls.listen(stream, 9);
  expect(tcpInfo(stream)).toMatchObject({ state: "LISTEN", acceptQueue: 0, backlog: 9 });
  expect(tcpInfo(datagrams)).toBeUndefined();
  expect(tcpInfo(-1)).toBeUndefined();
  for (const fd of [stream, datagrams]) calls.close(fd);
});

test("the ephemeral ports are the system's", () => {
  const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "latin1")
    .trim()
    .split(/\s+/)
    .map(Number);
  expect(ephemeralPorts()).toEqual({ first, last });
});

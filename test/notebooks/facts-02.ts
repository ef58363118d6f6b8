import { describe, expect, test } from "vitest";
import { hasAll127, hasLoopback6, knowsIPv6, type Machine, noIPv6 } from "../support/machine.js";
import type { Outputs } from "./outputs.js";

/** The tenth bit (capabilities(7)). */
const CAP_NET_BIND_SERVICE = 1n << 10n;

/**
 * Notebook 02 shows its facts: what is judged is what the cells have printed, not what stands in them.
 *
 * @param machine where they ran
 */
export function bindFacts(shown: Outputs, machine: () => Machine): void {
  /** The lines of one call in a cell's output. */
  const lines = (id: string, call: RegExp) =>
    shown(id)
      .text.split("\n")
      .filter((line) => call.test(line));

  /** The port of an address that a cell has shown as its value. */
  function portIn(id: string): number {
    const port = /port: (\d+)/.exec(shown(id).value)?.[1];
    expect(port, `${id}: ${shown(id).value}`).toBeDefined();
    return Number(port);
  }

  describe("an address and a port", () => {
    test("a new socket has none, and a bound one has both", () => {
      expect(shown("server-socket").value).toContain("address: '0.0.0.0', port: 0 }");
      expect(shown("server-bind").value).toContain("address: '127.0.0.1'");
      expect(portIn("server-bind")).toBeGreaterThan(0);
    });

    test("a socket is bound once: EINVAL", () => {
      expect(shown("bind-twice").text).toMatch(/bind\(.*\) = 0\n.*bind\(.*\) = -1 EINVAL/);
    });

    test("the port leads a client to one of two servers", () => {
      const waiting = (name: string) =>
        new RegExp(`^${name} .*LISTEN +(\\d+)`, "m").exec(shown("two-servers").text)?.[1];
      expect([waiting("bakery"), waiting("library")]).toEqual(["0", "1"]);
    });
  });

  describe("clients need no bind", () => {
    test("connect and sendto give a port", () => {
      expect(portIn("client-unbound")).toBe(0);
      expect(portIn("client-connects")).toBeGreaterThan(0);
      expect(shown("sendto-binds").text).not.toContain("bind(");
      expect(portIn("sendto-binds")).toBeGreaterThan(0);
      expect(shown("sendto-binds").value).toContain("address: '0.0.0.0'");
    });

    test("a client may bind, and keeps its port", () => {
      const bound = /formal +bind\(\d+, 127\.0\.0\.1:(\d+)\) = 0/.exec(shown("client-binds").text)?.[1];
      expect(portIn("client-binds")).toBe(Number(bound));
    });

    test("port 0 gives five different ports of the ephemeral range", () => {
      const ports = [...shown("port-zero-cell").text.matchAll(/^\w+ +\d+ +127\.0\.0\.1:(\d+) +CLOSE/gm)];
      expect(new Set(ports.map(([, port]) => port)).size).toBe(5);
      const [first, last] = [...shown("ephemeral-range").value.matchAll(/\d+/g)].map(Number);
      for (const [, port] of ports) {
        expect(Number(port)).toBeGreaterThanOrEqual(first!);
        expect(Number(port)).toBeLessThanOrEqual(last!);
      }
    });
  });

  describe("in use", () => {
    test("by this program: the handle is named", () => {
      expect(shown("shop").text).toMatch(/rival .*EADDRINUSE .*your own handle "shop" \(listening\)/s);
    });

    test("by another process: it is named, with its number", () => {
      const pid = /^neighbour +started as process (\d+)/m.exec(shown("other-process").text)?.[1];
      expect(Number(pid)).toBeGreaterThan(0);
      expect(shown("other-process-conflict").text).toMatch(
        new RegExp(`EADDRINUSE .*"neighbour" \\(pid ${pid}\\)`, "s"),
      );
      const port = /taken +bind\(\d+, (127\.0\.0\.1:\d+)\) = 0/.exec(shown("other-process").text)?.[1];
      const row = shown("other-process-look").rows.find(({ local }) => local === port);
      expect(row).toMatchObject({ state: "LISTEN" });
      expect(row?.about).toMatch(/pid \d+|another process/);
    });

    test("by nobody: a connection in TIME_WAIT, where the server closed first", () => {
      expect(shown("restart-again").text).toMatch(/bind\(.*\) = -1 EADDRINUSE .*TIME_WAIT/s);
      const port = /bind\(\d+, (127\.0\.0\.1:\d+)\) = -1/.exec(shown("restart-again").text)?.[1];
      const row = shown("restart-look").rows.find(({ local }) => local === port);
      expect(row).toMatchObject({ handle: "(no handle any more)", state: "TIME_WAIT" });
      expect(shown("restart-ladder").picture).toMatch(/old→1: close/);
    });

    test("not where the visitor closed first", () => {
      expect(shown("client-first").text).toMatch(/next +setsockopt\(\d+, SO_REUSEADDR, 0\) = 0\nnext +bind\(.*\) = 0/);
    });

    test("SO_REUSEADDR must be on both: 0/0, 0/1 and 1/0 are refused, 1/1 works", () => {
      const results = [...shown("restart-table").value.matchAll(/old \d, new \d: \w+/g)].map(([text]) => text);
      expect(results).toEqual([
        "old 0, new 0: refused",
        "old 0, new 1: refused",
        "old 1, new 0: refused",
        "old 1, new 1: bound",
      ]);
      expect(lines("restart-table", /successor +bind/).map((line) => /= (0|-1 \w+)/.exec(line)?.[1])).toEqual([
        "-1 EADDRINUSE",
        "-1 EADDRINUSE",
        "-1 EADDRINUSE",
        "0",
      ]);
    });

    test("TCP and UDP ports are apart", () => {
      const [stream, datagram] = lines("tcp-and-udp", / bind\(/);
      expect(stream).toMatch(/^stream .* = 0$/);
      expect(datagram).toMatch(/^datagram .* = 0$/);
      expect(/:(\d+)\)/.exec(datagram!)?.[1]).toBe(/:(\d+)\)/.exec(stream!)?.[1]);
    });

    test("a conversation has the port of its listening socket", () => {
      const listening = /bind\(\d+, 127\.0\.0\.1:(\d+)/.exec(shown("tcp-and-udp").text)?.[1];
      expect(portIn("many-on-one")).toBe(Number(listening));
    });
  });

  describe("which address", () => {
    test("one port at 127.0.0.1 and at 127.0.0.2", () => {
      const places = [...shown("two-addresses").text.matchAll(/ \d+ +([\d.]+):(\d+) +LISTEN/g)];
      const all127 = hasAll127(machine());
      expect(places.map(([, address]) => address)).toEqual(all127 ? ["127.0.0.1", "127.0.0.2"] : ["127.0.0.1"]);
      if (all127) expect(places[0]?.[2]).toBe(places[1]?.[2]);
      else
        expect(shown("two-addresses").text).toMatch(/bind\(\d+, 127\.0\.0\.2:\d+\) = -1 EADDRNOTAVAIL .* The address/);
    });

    test("0.0.0.0 conflicts with a specific address, in either order", () => {
      expect(shown("any-conflicts").text).toMatch(/bind\(\d+, 0\.0\.0\.0:\d+\) = -1 EADDRINUSE/);
      expect(shown("specific-conflicts").text).toMatch(
        /landlord +bind\(\d+, 0\.0\.0\.0:\d+\) = 0[\s\S]*lodger +bind\(\d+, 127\.0\.0\.1:\d+\) = -1 EADDRINUSE/,
      );
    });

    test("127.0.0.1 is found at one door, 0.0.0.0 at all", () => {
      const doors = [...shown("doors").value.matchAll(/'([\d.]+)'/g)].map(([, door]) => door!);
      const outside = machine().addresses.some(({ family, internal }) => family === "IPv4" && !internal);
      expect(doors).toHaveLength(outside ? 3 : 2);
      const knocks = (id: string) =>
        lines(id, / connect\(/).map((line) => [
          /connect\(\d+, ([\d.]+)/.exec(line)?.[1],
          /= (0|-1 \w+)/.exec(line)?.[1],
        ]);
      const all127 = hasAll127(machine());
      const missing = (door: string) => door === "127.0.0.2" && !all127;
      const elsewhere = (door: string) => (missing(door) ? "-1 ENETUNREACH" : "-1 ECONNREFUSED");
      expect(knocks("knock-loopback")).toEqual(
        doors.map((door) => [door, door === "127.0.0.1" ? "0" : elsewhere(door)]),
      );
      expect(knocks("knock-any")).toEqual(doors.map((door) => [door, missing(door) ? "-1 ENETUNREACH" : "0"]));
      const taken = [...shown("door-taken").text.matchAll(/^hotel→\d +\d+ +([\d.]+):/gm)];
      expect(taken.map(([, door]) => door)).toEqual(doors.filter((door) => !missing(door)));
    });

    test("localhost is a name with addresses; who knocks at another of them is refused", () => {
      expect(shown("localhost-lookup").value).toMatch(/address: '(?:127\.0\.0\.1|::1)'/);
      expect(shown("localhost-two").text).toMatch(
        hasLoopback6(machine())
          ? /six +bind\(\d+, \[::1\]:\d+\) = 0[\s\S]*connect\(\d+, 127.*ECONNREFUSED/
          : noIPv6(machine()),
      );
    });

    test("not my address: EADDRNOTAVAIL", () => {
      expect(shown("not-mine-cell").text).toMatch(/bind\(\d+, 203\.0\.113\.9:\d+\) = -1 EADDRNOTAVAIL/);
    });

    test("[::] takes IPv4, too, unless IPV6_V6ONLY is set", () => {
      expect(shown("ipv6-both").text).toMatch(
        knowsIPv6(machine()) ? /connect\(\d+, 127\.0\.0\.1:\d+\) = 0/ : noIPv6(machine()),
      );
      if (knowsIPv6(machine())) expect(shown("ipv6-both").value).toBe("'::ffff:127.0.0.1'");
      expect(shown("ipv6-only").text).toMatch(
        knowsIPv6(machine()) ? /connect\(\d+, 127\.0\.0\.1:\d+\) = -1 ECONNREFUSED/ : noIPv6(machine()),
      );
    });
  });

  describe("ports below 1024", () => {
    test("are bound by who has the privilege", () => {
      const { firstFreePort, capabilities, uid } = machine();
      const allowed = firstFreePort <= 7 || (capabilities & CAP_NET_BIND_SERVICE) !== 0n;
      expect(shown("low-port").text).toMatch(
        allowed
          ? /bind\(\d+, 127\.0\.0\.1:7\) = 0$/m
          : /bind\(\d+, 127\.0\.0\.1:7\) = -1 EACCES \(Permission denied\) The lowest ports need a privilege/,
      );
      expect(shown("low-who").value).toBe(`'${firstFreePort}'`);
      expect(shown("low-uid").value).toBe(String(uid));
    });
  });

  describe("bound and listening", () => {
    test("a bound socket is not in the system's list, a listening one is", () => {
      expect(shown("bound-in-list").text).toMatch(/bind\(.*\) = 0/);
      expect([shown("bound-in-list").value, shown("listening-in-list").value]).toEqual(["false", "true"]);
    });

    test("two are bound to one port, one listens: the other gets EADDRINUSE from listen", () => {
      expect(lines("two-bound-cell", / bind\(.*\) = 0$/)).toHaveLength(2);
      expect(shown("two-listen").text).toMatch(/left +listen\(\d+, 5\) = 0\nright +listen\(\d+, 5\) = -1 EADDRINUSE/);
    });

    test("SO_REUSEPORT: two workers listen on one port, and both get clients", () => {
      expect(lines("share-cell", /listen\(\d+, 50\) = 0/)).toHaveLength(2);
      const queues = [...shown("share-cell").text.matchAll(/^worker \d +\d+ .*LISTEN +(\d+)/gm)].map(([, n]) =>
        Number(n),
      );
      expect(queues).toHaveLength(2);
      expect(queues[0]! + queues[1]!).toBe(30);
      // All thirty at one worker: twice in 2^30.
      expect(Math.min(...queues)).toBeGreaterThan(0);
    });
  });

  describe("the bytes", () => {
    test("16 bytes with the port's highest byte first", () => {
      expect(shown("address-bytes").picture).toMatch(/16 bytes.*sin_port: 1f 90 .*8080.*sin_addr: 7f 00 00 01/);
    });

    test("8080 in the processor's own order is 36895, and bind does not mind", () => {
      expect([shown("host-order").value, shown("htons-cell").value]).toEqual(["36895", "36895"]);
      const all127 = hasAll127(machine());
      const result = all127 ? "0" : "-1 EADDRNOTAVAIL";
      expect(shown("forgotten").text).toMatch(new RegExp(`bind\\(\\d+, 127\\.0\\.0\\.3:36895\\) = ${result}`));
      expect(portIn("forgotten")).toBe(all127 ? 36_895 : 0);
    });

    test("the exact trace shows the fields, and the option that the handles set", () => {
      expect(shown("exact-bind").text).toMatch(
        /setsockopt\(\d+, SOL_SOCKET, SO_REUSEADDR, \[1\], 4\) = 0\nexact +bind\(\d+, \{sa_family=AF_INET, sin_port=htons\(\d+\), sin_addr=inet_addr\("127\.0\.0\.1"\)\}, 16\) = 0/,
      );
    });
  });
}

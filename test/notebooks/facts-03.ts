import { describe, expect, test } from "vitest";
import { hasAll127, type Machine } from "../support/machine.js";
import type { Outputs } from "./outputs.js";

/** A number in a table: `1,908`. */
const numberIn = (text: string | undefined): number => Number(text?.replaceAll(",", ""));

/** Notebook 03 shows its facts: what is judged is what the cells have printed, not what stands in them. */
export function datagramFacts(shown: Outputs, machine: () => Machine): void {
  /** The port of an address that a cell has shown as its value. */
  function portIn(id: string): number {
    const port = /port: (\d+)/.exec(shown(id).value)?.[1];
    expect(port, `${id}: ${shown(id).value}`).toBeDefined();
    return Number(port);
  }

  const row = (id: string, handle: string) => shown(id).rows.find((one) => one.handle === handle);

  describe("a letter, without a connection", () => {
    test("socket, bind, sendto, recvfrom are enough", () => {
      const calls = ["server-socket", "client-socket", "client-sendto", "server-recvfrom"].map((id) => shown(id).text);
      expect(calls.join("")).not.toMatch(/listen|accept|connect/);
      expect(shown("client-sendto").text).toMatch(/^client +sendto\(\d+, "hello", 5, 127\.0\.0\.1:\d+\) = 5$/m);
      expect(shown("server-recvfrom").value).toBe("'hello'");
    });

    test("listen and accept are EOPNOTSUPP", () => {
      expect(shown("no-listen").text).toMatch(/listen\(\d+, 5\) = -1 EOPNOTSUPP/);
      expect(shown("no-accept").text).toMatch(/accept\(\d+\) = -1 EOPNOTSUPP/);
    });

    test("the first sendto has bound the client, and its address came with the letter", () => {
      expect(portIn("client-socket")).toBe(0);
      expect(portIn("client-name")).toBe(portIn("letter-from"));
      expect(portIn("client-name")).toBeGreaterThan(0);
    });

    test("the answer goes back from the same socket", () => {
      const bound = /bind\(\d+, (127\.0\.0\.1:\d+)\) = 0/.exec(shown("server-socket").text)?.[1];
      expect(shown("client-receives").value).toBe("'hello yourself'");
      expect(shown("client-receives").text).toContain(`← ${bound}`);
      const picture = shown("ladder-first").picture;
      expect(picture).toContain("5 bytes from client");
      expect(picture).toContain("14 bytes from server");
    });

    test("one sendto is one recvfrom", () => {
      expect([shown("first-of-two").value, shown("second-of-two").value]).toEqual(["'one'", "'two'"]);
      expect(shown("first-of-two").text).toMatch(/recvfrom\(\d+, "one", 1024\) = 3/);
    });

    test("one socket serves three clients", () => {
      const senders = [...shown("answer-three").text.matchAll(/recvfrom\(.*← (\S+)/g)].map(([, from]) => from);
      expect(new Set(senders).size).toBe(3);
      const table = shown("look-three").rows;
      expect(table.filter(({ handle }) => handle?.startsWith("server"))).toHaveLength(1);
      expect(row("look-three", "server")?.peer).toBe("–");
      for (const name of ["anna", "ben", "cora"])
        expect(numberIn(row("look-three", name)?.["Recv-Q"]), name).toBeGreaterThan(0);
    });
  });

  describe("nobody there", () => {
    test("sendto succeeds, and nothing comes back", () => {
      expect(shown("into-the-void").value).toBe("14");
      expect(shown("no-answer").text).toMatch(/recvfrom\(\d+, 1024\) ended: timeout TimeoutError/);
    });

    test("a connected socket learns it at its next call", () => {
      expect(shown("refused-next").text).toMatch(
        /send\(\d+, "first", 5\) = 5\n.*send\(\d+, "second", 6\) = -1 ECONNREFUSED/,
      );
      expect(shown("refused-recv").text).toMatch(
        /send\(\d+, "hello\?", 6\) = 6\n.*recv\(\d+, 1024\) = -1 ECONNREFUSED/,
      );
    });
  });

  describe("connect", () => {
    test("sends nothing, and sets the peer", () => {
      expect(shown("house-and-caller").text).toMatch(
        /caller +connect\(.*\) = 0[\s\S]*house +recvfrom\(\d+, 1024\) ended: timeout/,
      );
      const house = /house +bind\(\d+, 127\.0\.0\.1:(\d+)\)/.exec(shown("house-and-caller").text)?.[1];
      expect(portIn("caller-peer")).toBe(Number(house));
    });

    test("makes send work without an address", () => {
      expect(shown("caller-sends").text).toMatch(/caller +send\(\d+, "it is me", 8\) = 8/);
      expect(shown("caller-sends").value).toBe("'it is me'");
    });

    test("keeps strangers out", () => {
      expect(shown("house-connects").text).toMatch(/stranger +sendto\(.*\) = 9\n.*caller +send\(.*\) = 8/);
      expect(shown("house-receives").value).toBe("'me again'");
      expect(shown("ladder-strangers").picture).toMatch(
        /stranger: sendto [^.]*[\d.:]+ = 9; not from its peer: thrown away at house/,
      );
    });
  });

  describe("lengths", () => {
    test("a short buffer cuts, and the rest is gone", () => {
      expect(shown("short-recv").value).toBe("[ 'hello', true ]");
      expect(shown("short-rest").text).toContain("ended: timeout");
    });

    test("MSG_TRUNC tells the true length", () => {
      expect(shown("short-trunc").text).toMatch(/recvfrom\(\d+, "hello", 5, MSG_TRUNC\) = 11/);
      expect(shown("short-trunc").value).toContain("truncated: true");
    });

    test("an empty datagram is not the end", () => {
      expect(shown("empty-sent").text).toMatch(/sendto\(\d+, "", 0, .*\) = 0\n.*recvfrom\(\d+, "", 65536\) = 0/);
      expect(shown("empty-sent").value).toBe("0");
      expect(shown("empty-after").value).toBe("'still here'");
    });

    test("65,507 bytes go out whole; one more is EMSGSIZE", () => {
      expect(shown("largest-fits").value).toBe("65507");
      expect(shown("largest-fails").text).toMatch(/sendto\(.*, 65508, .*\) = -1 EMSGSIZE/);
    });
  });

  describe("a full mailbox", () => {
    const counted = () => /^(\d+) came out: from "letter (\d+)" to "letter (\d+)"$/m.exec(shown("overflow-count").text);

    test("every sendto succeeds; a few letters come out, the oldest; the system has counted the rest", () => {
      expect(shown("overflow-send").text).toContain("2000 letters were sent");
      const [, count, first, last] = (counted() ?? []).map(Number);
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(2000);
      expect([first, last]).toEqual([1, count]);
      expect(numberIn(row("overflow-drops", "mailbox")?.drops)).toBe(2000 - count!);
    });

    test("the buffer is charged per datagram", () => {
      const size = Number(shown("buffer-size").value);
      const large = Number(counted()?.[1]);
      const small = Number(shown("small-letters").value);
      expect(large * 1400).toBeLessThan(size);
      expect(small).toBeGreaterThan(large);
      expect(small).toBeLessThan(2000);
      expect(small * 12).toBeLessThan(size / 2);
    });

    test("SO_RCVBUF is doubled", () => {
      expect(shown("buffer-set").text).toMatch(/setsockopt\(\d+, SO_RCVBUF, 50000\) = 0/);
      expect(shown("buffer-set").value).toBe("100000");
    });
  });

  describe("loss", () => {
    test("the answer is lost: the guest gives up, asks again, and the machine has two orders", () => {
      expect(shown("lost-order").text).toMatch(
        /machine +recvfrom\(\d+, "a coffee"[\s\S]*machine +sendto\(\d+, "here you are", 12, .*\) = 12[\s\S]*guest +recvfrom\(\d+, 1024\) ended: timeout/,
      );
      expect(shown("lost-again").text).toMatch(/machine +recvfrom\(\d+, "a coffee"/);
      expect(shown("lost-again").value).toBe("'and here you are'");
      expect(shown("ladder-lost").picture).toMatch(/machine: sendto "here you are" [\d.:]+ = 12; lost/);
    });

    test("with numbers and patience thirty orders are thirty coffees, and each repetition is recognised", () => {
      const tries = [...shown("reliable-cell").value.matchAll(/\d+/g)].map(Number);
      const sent = tries.reduce((sum, each) => sum + each, 0);
      expect(tries).toHaveLength(30);
      // Thirty answers of which none is lost, at 40 %: once in 4.5 million runs.
      expect(sent).toBeGreaterThan(30);
      expect(shown("reliable-tries").text).toBe(`30 coffees made\n${sent - 30} repetitions recognised\n`);
      // Another guest with a number that the machine knows already, of the first one.
      expect(shown("reliable-other").text).toMatch(/other +sendto\(\d+, "order 1"/);
      expect(shown("reliable-other").value).toBe("31");
    });
  });

  describe("to many", () => {
    test("broadcast needs SO_BROADCAST, and is heard by both ears", () => {
      if (!hasAll127(machine())) {
        for (const id of ["broadcast-refused", "broadcast-allowed"])
          expect(shown(id).text).toMatch(/sendto\(.*127\.255\.255\.255:\d+\) = -1 ENETUNREACH .* No route leads/);
        return;
      }
      expect(shown("broadcast-refused").text).toMatch(/sendto\(.*127\.255\.255\.255:\d+\) = -1 EACCES/);
      expect(shown("broadcast-allowed").text).toMatch(
        /setsockopt\(\d+, SO_BROADCAST, 1\) = 0\n.*sendto\(.*127\.255\.255\.255:\d+\) = 7/,
      );
      for (const ear of ["ear 1", "ear 2"])
        expect(numberIn(row("broadcast-allowed", ear)?.["Recv-Q"]), ear).toBeGreaterThan(0);
    });

    test("multicast is for who has joined; IP_MULTICAST_ALL decides about the others", () => {
      expect(shown("multicast-not-joined").text).toMatch(
        /sendto\(\d+, "to the group", 12, 239\.\S+\) = 12[\s\S]*ended: timeout/,
      );
      expect(shown("multicast-joined").text).toMatch(
        /setsockopt\(\d+, IP_ADD_MEMBERSHIP, \{239\.[\d.]+, 127\.0\.0\.1\}\) = 0/,
      );
      expect(shown("multicast-heard").value).toBe("'to the members'");
      const received = (name: string) => numberIn(row("multicast-all-look", name)?.["Recv-Q"]);
      expect(received("joining")).toBeGreaterThan(0);
      expect(received("lurker 1")).toBeGreaterThan(0);
      expect(received("lurker 0")).toBe(0);
    });
  });
}

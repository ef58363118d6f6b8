import { endOf, type SocketRow, SocketsOfInterest } from "kernel-helpers/dist/inspection/index.js";
import { expect, test } from "vitest";

/** A row of the table, as it is written here: `tcp 127.0.0.1:80 127.0.0.1:50000 ESTABLISHED #5`, where #0 is nobody's. */
function row(text: string): SocketRow {
  const [protocol, local, peer, state, inode] = text.split(" ");
  return {
    protocol: protocol as SocketRow["protocol"],
    local: endOf(local)!,
    peer: endOf(peer)!,
    state: state!,
    receiveQueue: 0,
    sendQueue: 0,
    uid: 0,
    inode: Number(inode!.slice(1)),
    drops: undefined,
  };
}

/** What has to do with ours: `tcp 127.0.0.1:80 -`, or with a peer, open unless told. */
function interest(...ours: string[]): (row: string) => boolean {
  const sockets = new SocketsOfInterest();
  for (const text of ours) {
    const [transport, local, peer, closed] = text.split(" ");
    sockets.add({
      transport: transport === "?" ? undefined : (transport as "tcp"),
      local: endOf(local),
      peer: endOf(peer),
      open: closed !== "closed",
    });
  }
  return (text) => sockets.lastNamed(row(text)) !== undefined;
}

const NOBODY = "0.0.0.0:0";

test("a connection of strangers is none of ours, though it has one of our ephemeral ports", () => {
  const shown = interest(
    "tcp 127.0.0.1:45000 127.0.0.1:20733",
    "tcp 127.0.0.1:20733 127.0.0.1:45000",
    "tcp 127.0.0.1:20733 -",
  );
  // Jupyter and its kernel.
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:52111 ESTABLISHED #5")).toBe(false);
  expect(shown("tcp 127.0.0.1:52111 127.0.0.1:45000 ESTABLISHED #6")).toBe(false);
  // What their connection has left behind, and one that stands in their queue.
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:52111 TIME_WAIT #0")).toBe(false);
  expect(shown("tcp 127.0.0.1:52111 127.0.0.1:45000 ESTABLISHED #0")).toBe(false);
  // UDP's ports are others.
  expect(shown(`udp 127.0.0.1:45000 ${NOBODY} CLOSE #7`)).toBe(false);
  expect(shown(`udp 127.0.0.1:20733 ${NOBODY} CLOSE #8`)).toBe(false);
});

test("the other end of a connection of ours is, and what waits in our queue, and what is left of both", () => {
  const shown = interest("tcp 127.0.0.1:45000 127.0.0.1:8080", "tcp 127.0.0.1:20733 -");
  expect(shown("tcp 127.0.0.1:8080 127.0.0.1:45000 ESTABLISHED #5")).toBe(true);
  expect(shown("tcp 127.0.0.1:8080 127.0.0.1:45001 ESTABLISHED #6")).toBe(false);
  // Who listens there, on whatever address.
  expect(shown(`tcp 0.0.0.0:8080 ${NOBODY} LISTEN #7`)).toBe(true);
  expect(shown(`tcp 127.0.0.2:8080 ${NOBODY} LISTEN #8`)).toBe(false);
  // A client elsewhere, and its connection in the queue.
  expect(shown("tcp 127.0.0.1:50001 127.0.0.1:20733 ESTABLISHED #9")).toBe(true);
  expect(shown("tcp 127.0.0.1:20733 127.0.0.1:50001 ESTABLISHED #0")).toBe(true);
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:8080 TIME_WAIT #0")).toBe(true);
  expect(shown("tcp6 ::ffff:127.0.0.1:8080 ::ffff:127.0.0.1:45000 TIME_WAIT #0")).toBe(true);
});

test("of sockets that are closed, only both ends together count", () => {
  const shown = interest("? 127.0.0.1:45000 127.0.0.1:8080 closed", "? 127.0.0.1:46000 - closed");
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:8080 TIME_WAIT #0")).toBe(true);
  expect(shown("tcp 127.0.0.1:8080 127.0.0.1:45000 CLOSE_WAIT #5")).toBe(true);
  expect(shown("tcp 127.0.0.1:46000 127.0.0.1:52111 ESTABLISHED #6")).toBe(false);
  expect(shown("tcp 127.0.0.1:52111 127.0.0.1:46000 ESTABLISHED #7")).toBe(false);
});

test("an accepted one knows its own address from its listener alone, and that can be every address", () => {
  const shown = interest("tcp 0.0.0.0:20733 127.0.0.1:45000");
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:20733 ESTABLISHED #5")).toBe(true);
  expect(shown("tcp 127.0.0.1:45000 127.0.0.1:52111 ESTABLISHED #6")).toBe(false);
});

test("the last that was named has the highest number", () => {
  const sockets = new SocketsOfInterest();
  const name = (local: string) => sockets.add({ transport: "tcp", local: endOf(local), peer: undefined, open: true });
  for (const local of ["127.0.0.1:80", "127.0.0.1:81", "127.0.0.1:80"]) name(local);
  const last = (local: string) => sockets.lastNamed(row(`tcp ${local} 127.0.0.1:5 TIME_WAIT #0`))!;
  expect(last("127.0.0.1:80")).toBeGreaterThan(last("127.0.0.1:81"));
});

test("an address and a port are read as they are written", () => {
  expect(endOf("127.0.0.1:80")).toEqual({ address: "127.0.0.1", port: 80 });
  expect(endOf("[fe80::1%2]:80")).toEqual({ address: "fe80::1%2", port: 80 });
  expect([endOf(undefined), endOf("/tmp/socket"), endOf("@abstract")]).toEqual([undefined, undefined, undefined]);
});

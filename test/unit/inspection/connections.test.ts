import { Connections, parseSocketTable } from "kernel-helpers/dist/inspection/index.js";
import { expect, test } from "vitest";

/** A table with these rows: local end, peer, state and inode, as /proc writes them. */
function table(...rows: [local: string, peer: string, state: string, inode: number][]): Connections {
  const lines = rows.map(
    ([local, peer, state, inode], index) => `${index}: ${local} ${peer} ${state} 0:0 00:0 0 0 0 ${inode} 1`,
  );
  return new Connections(parseSocketTable("tcp", `head\n${lines.join("\n")}\n`));
}

const HERE = "0100007F:1F90"; // 127.0.0.1:8080
const PEER = "0100007F:C350"; // 127.0.0.1:50000
const end = (address: string, port: number) => ({ address, port });
const ENDS = { local: end("127.0.0.1", 8080), peer: end("127.0.0.1", 50_000) };

test("a descriptor's socket is found by its inode, one without a process never", () => {
  const found = table([HERE, PEER, "01", 5], [PEER, HERE, "06", 0]);
  expect(found.ofInode(5)).toMatchObject({ ...ENDS, state: "ESTABLISHED" });
  expect([found.ofInode(0), found.ofInode(6), found.ofInode(undefined)]).toEqual([undefined, undefined, undefined]);
});

test("what is left of a connection is found by both ends, and has no process", () => {
  expect(table([HERE, PEER, "06", 0]).leftOf(ENDS)).toMatchObject({ state: "TIME_WAIT" });
  expect(table([PEER, HERE, "06", 0]).leftOf(ENDS)).toBeUndefined();
  expect(table([HERE, PEER, "01", 7]).leftOf(ENDS)).toBeUndefined();
  expect(table([HERE, "0200007F:C350", "06", 0]).leftOf(ENDS)).toBeUndefined();
});

test("an end that is known as 0.0.0.0 is every address, and an IPv4 address in IPv6 form is itself", () => {
  const found = table(["0200007F:1F90", "0300007F:C350", "05", 0], [HERE, PEER, "06", 0]);
  const accepted = { local: end("0.0.0.0", 8080), peer: end("::ffff:127.0.0.1", 50_000) };
  expect(found.leftOf(accepted)).toMatchObject({ state: "TIME_WAIT" });
});

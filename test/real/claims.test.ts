import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AF_INET,
  AF_INET6,
  ANY,
  calls,
  type Handle,
  IP_RECVERR,
  LOOPBACK,
  LOOPBACK6,
  loseSegments,
  MSG_DONTWAIT,
  MSG_PEEK,
  otherProcess,
  SHUT_WR,
  SO_ERROR,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TCP_INFO,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { PROJECT, run } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { rejectionCode, rejectionOf } from "../support/outcome.js";
import { datagram, deadPort, listening } from "../support/pairs.js";
import { PATIENCE_MS } from "../support/time.js";

/*
 * Sentences of the notebooks that are easy to get wrong: each is looked up where it stands, and then held against the system, with the
 * case that would refute the usual version of it. What a notebook's own cells show is in test/notebooks/facts-*.ts.
 */

guardDescriptors();

/** The sentence stands in that cell. */
function says(notebook: string, id: string, ...sentences: string[]): void {
  const cell = readNotebook(notebook).cells.find((one) => one.id === id);
  for (const sentence of sentences) expect(cell?.source, `${notebook} ${id}`).toContain(sentence);
}

const stateOf = (handle: Handle): string => handle.getsockopt(TCP_INFO).state;

/** Runs a Python program, for calls that the handles do not have: it prints one JSON value. `before` is the command that starts it. */
async function inPython(program: string, before: readonly string[] = []): Promise<unknown> {
  const [command = "", ...args] = [...before, "python3", "-c", program];
  const { code, stdout, stderr } = await run(command, args);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** A network of its own; who is not root becomes root of it. */
const OWN_NETWORK = ["unshare", "--user", "--map-root-user", "--net"];

/** Runs a command beside a second network, which the process FAR is in. */
const FAR_MACHINE = `
unshare --net sleep 60 >/dev/null 2>&1 &
export FAR=$!
trap 'kill $FAR' EXIT
"$@"`;

describe("01, the connection procedure", () => {
  const NOTEBOOK = "01-connection-procedure";

  test("on Linux a backlog of 5 lets six wait, and the seventh is not refused", async () => {
    says(NOTEBOOK, "step-3-answer", "**On Linux** one more may wait, so six here");
    says(NOTEBOOK, "remember", "**On Linux** six connect. The seventh is not refused");
    const { place } = listening(undefined, 5);
    for (let n = 1; n <= 6; n++) await socket(`client ${n}`, AF_INET, SOCK_STREAM).connect(place[0], place[1]);
    const seventh = socket("client 7", AF_INET, SOCK_STREAM);
    const waiting = seventh.connect(place[0], place[1], { timeout: 300 }).catch((error: Error) => error.name);
    expect(stateOf(seventh)).toBe("SYN_SENT");
    expect(await waiting).toBe("TimeoutError");
  });

  test("CLOSE_WAIT says that a FIN has come: the client may still listen", async () => {
    says(NOTEBOOK, "step-8-look", "who ends only its sending, with `shutdown`, goes on listening");
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(place[0], place[1]);
    const conversation = await server.accept();
    client.shutdown(SHUT_WR);
    expect(await conversation.recv()).toHaveLength(0);
    expect(stateOf(conversation)).toBe("CLOSE_WAIT");
    await conversation.send("one thing more");
    expect(`${await client.recv()}`).toBe("one thing more");
  });

  test("when the listening socket closes, a client in its queue loses its connection", async () => {
    says(NOTEBOOK, "listener-gone-answer", "`ECONNRESET`");
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(place[0], place[1]);
    server.close();
    expect(await rejectionCode(client.recv())).toBe("ECONNRESET");
  });

  test("send before connect is EPIPE on Linux", async () => {
    says(NOTEBOOK, "send-early", "**On Linux**", "`ENOTCONN`");
    expect(await rejectionCode(socket("hasty", AF_INET, SOCK_STREAM).send("x"))).toBe("EPIPE");
  });

  test("listen without bind listens at all addresses", async () => {
    says(NOTEBOOK, "listen-unbound", "**on Linux**", "at *all* addresses of this machine");
    const host = socket("host", AF_INET, SOCK_STREAM);
    host.listen(5);
    const { address, port } = host.getsockname();
    expect(address).toBe(ANY);
    await socket("guest", AF_INET, SOCK_STREAM).connect("127.0.0.9", port);
    // Nobody else may find it: that is why SECURITY.md names it.
    expect(readFileSync(join(PROJECT, "SECURITY.md"), "utf8")).toMatch(/listen without `bind`/);
  });

  test("bound to all addresses, the server has the one at which each client came in", async () => {
    says(NOTEBOOK, "step-6-four", "the address at which the client came in");
    const hotel = socket("hotel", AF_INET, SOCK_STREAM);
    hotel.bind(ANY, 0);
    hotel.listen(5);
    for (const address of ["127.0.0.1", "127.0.0.2"]) {
      await socket(`to ${address}`, AF_INET, SOCK_STREAM).connect(address, hotel.getsockname().port);
      expect((await hotel.accept()).getsockname().address).toBe(address);
    }
  });

  test("after the server has closed, the first send succeeds and the second is EPIPE", async () => {
    says(NOTEBOOK, "remember", "The first send succeeds.", "with `EPIPE`");
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(place[0], place[1]);
    (await server.accept()).close();
    expect(await client.recv()).toHaveLength(0);
    expect(await client.send("once")).toBe(4);
    expect(await rejectionCode(client.send("twice"))).toBe("EPIPE");
  });

  test("after it has closed with something unread, the first send fails already: ECONNRESET on Linux", async () => {
    says(NOTEBOOK, "remember", "had not received everything when it closed", "**on Linux** with `ECONNRESET`");
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(place[0], place[1]);
    const conversation = await server.accept();
    await client.send("unread");
    conversation.close();
    expect(await rejectionCode(client.send("once"))).toBe("ECONNRESET");
    expect(await rejectionCode(client.send("twice"))).toBe("EPIPE");
  });

  test("TIME_WAIT lasts 60 seconds on Linux", async () => {
    says(NOTEBOOK, "step-8-listener", "RFC 9293 wants twice the life of a segment", "**on Linux** it is 60 seconds");
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(place[0], place[1]);
    const conversation = await server.accept();
    const port = client.getsockname().port;
    client.close();
    conversation.close();
    // The timer's rest, in hundredths of a second (/proc/net/tcp: tr 03, then when).
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const row = readFileSync("/proc/net/tcp", "latin1")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .find((fields) => fields[1] === local && fields[3] === "06");
    const [timer, rest] = row![5]!.split(":").map((text) => Number.parseInt(text, 16));
    expect(timer).toBe(3);
    expect(rest).toBeGreaterThan(5_000);
    expect(rest).toBeLessThanOrEqual(6_000);
  });
});

describe("02, bind", () => {
  const NOTEBOOK = "02-bind";

  /** A server whose conversation is in TIME_WAIT, and how a new socket's bind to its port ends. */
  async function restart(listener: number, accepted: number | undefined, fresh: number): Promise<string> {
    const old = socket("old", AF_INET, SOCK_STREAM);
    old.setsockopt(SO_REUSEADDR, listener);
    old.bind(LOOPBACK, 0);
    old.listen(5);
    const { port } = old.getsockname();
    const visitor = socket("visitor", AF_INET, SOCK_STREAM);
    await visitor.connect(LOOPBACK, port);
    const visit = await old.accept();
    if (accepted !== undefined) visit.setsockopt(SO_REUSEADDR, accepted);
    for (const one of [visit, visitor, old]) one.close();
    const next = socket("next", AF_INET, SOCK_STREAM);
    next.setsockopt(SO_REUSEADDR, fresh);
    return bindOutcome(next, port);
  }

  function bindOutcome(handle: Handle, port: number): string {
    try {
      handle.bind(LOOPBACK, port);
      return "bound";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code!;
    } finally {
      handle.close();
    }
  }

  test("after a restart it is the accepted socket's option that counts, and the new one's", async () => {
    says(NOTEBOOK, "restart-table-answer", "what counts is the *accepted* socket", "it has inherited the option");
    expect(await restart(0, 1, 1)).toBe("bound");
    expect(await restart(1, 0, 1)).toBe("EADDRINUSE");
    expect(await restart(1, undefined, 1)).toBe("bound");
    expect(await restart(1, undefined, 0)).toBe("EADDRINUSE");
    const { server, place } = listening();
    await socket("client", AF_INET, SOCK_STREAM).connect(place[0], place[1]);
    expect((await server.accept()).getsockopt(SO_REUSEADDR)).toBe(server.getsockopt(SO_REUSEADDR));
  });

  test("the connection in TIME_WAIT stays there beside the new server; a newer one with its four numbers gets in", async () => {
    says(NOTEBOOK, "restart-table-answer", "what is in `TIME_WAIT` stays there", "(RFC 6191)");
    const old = listening();
    const port = old.place[1]!;
    const visitor = socket("visitor", AF_INET, SOCK_STREAM);
    visitor.bind(LOOPBACK, 0);
    await visitor.connect(LOOPBACK, port);
    const home = visitor.getsockname().port;
    for (const one of [await old.server.accept(), visitor, old.server]) one.close();
    const fresh = socket("fresh", AF_INET, SOCK_STREAM);
    fresh.bind(LOOPBACK, port);
    fresh.listen(5);
    const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, "0");
    const rows = () =>
      readFileSync("/proc/net/tcp", "latin1")
        .split("\n")
        .filter((line) => line.includes(`0100007F:${hex(port)} 0100007F:${hex(home)} `))
        .map((line) => line.trim().split(/\s+/)[3]);
    expect(rows()).toEqual(["06"]);
    const again = socket("again", AF_INET, SOCK_STREAM);
    again.bind(LOOPBACK, home);
    await again.connect(LOOPBACK, port);
    expect(rows()).toEqual(["01"]);
  });

  test("a conversation keeps its port in use when the listening socket has closed", async () => {
    says(NOTEBOOK, "one-port-answer", "its port is in use, even when the listening socket has closed");
    const outcome = async (reuse: number) => {
      const server = socket("server", AF_INET, SOCK_STREAM);
      server.setsockopt(SO_REUSEADDR, reuse);
      server.bind(LOOPBACK, 0);
      server.listen(5);
      const { port } = server.getsockname();
      await socket("client", AF_INET, SOCK_STREAM).connect(LOOPBACK, port);
      await server.accept();
      server.close();
      const next = socket("next", AF_INET, SOCK_STREAM);
      next.setsockopt(SO_REUSEADDR, reuse);
      return bindOutcome(next, port);
    };
    expect([await outcome(0), await outcome(1)]).toEqual(["EADDRINUSE", "bound"]);
  });

  test("with SO_REUSEADDR on both, the datagram socket that was bound last gets everything", async () => {
    says(NOTEBOOK, "conflicts-other", "as long as nobody has agreed to share");
    says(NOTEBOOK, "remember", "**On Linux** to the one that was bound last.");
    const [first, last] = ["first", "last"].map((name) => {
      const one = socket(name, AF_INET, SOCK_DGRAM);
      one.setsockopt(SO_REUSEADDR, 1);
      return one;
    }) as [Handle, Handle];
    first.bind(LOOPBACK, 0);
    const { port } = first.getsockname();
    last.bind(LOOPBACK, port);
    await socket("sender", AF_INET, SOCK_DGRAM).sendto("for whom?", LOOPBACK, port);
    expect(`${await last.recv()}`).toBe("for whom?");
    expect((await first.recv(9, 0, { timeout: 0 }).catch((error: Error) => error)) instanceof Error).toBe(true);
  });

  test("a bound socket is in no list of /proc, and sock_diag has it since Linux 6.8", async () => {
    says(NOTEBOOK, "bound-only", "`ss` does not, and asks by netlink");
    says(NOTEBOOK, "bound-only-answer", "By netlink it can be found, since Linux 6.8");
    const [major = 0, minor = 0] = readFileSync("/proc/sys/kernel/osrelease", "latin1").split(".").map(Number);
    const newEnough = major > 6 || (major === 6 && minor >= 8);
    // SOCK_DIAG_BY_FAMILY for the pseudo-state 13, TCP_BOUND_INACTIVE (include/net/tcp_states.h, linux/inet_diag.h).
    const found = await inPython(`
import json, socket, struct
bound = socket.socket(); bound.bind(("127.0.0.1", 0)); port = bound.getsockname()[1]
ask = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
body = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 1 << 13) + bytes(48)
ask.send(struct.pack("=IHHII", 16 + len(body), 20, 0x301, 1, 0) + body)
ports, done = [], False
while not done:
  data, at = ask.recv(65536), 0
  while at < len(data):
    length, kind = struct.unpack_from("=IH", data, at)
    if kind == 20: ports.append(struct.unpack_from("!H", data, at + 20)[0])
    else: done = True
    at += (length + 3) & ~3
print(json.dumps([port in ports, ":%04X " % port in open("/proc/net/tcp").read()]))`);
    expect(found).toEqual([newEnough, false]);
  });

  test("an address belongs to the machine, not to the interface: it is reached by another one", async () => {
    says(NOTEBOOK, "address-two", "what is sent to it is taken from whichever interface it comes", "3.3.4.2");
    // Two machines with a cable between them. The far one has a second address, which is on no cable at all.
    const far = `ip link set lo up; ip addr add 10.9.0.2/24 dev far; ip link set far up; ip addr add 10.8.0.2/32 dev lo`;
    const reached = await inPython(
      `
import json, os, socket, subprocess, time
far = int(os.environ["FAR"])
while os.readlink("/proc/%d/ns/net" % far) == os.readlink("/proc/self/ns/net"): time.sleep(0.01)
inside = ["nsenter", "-t", str(far), "-n"]
def sh(text, before=[]): subprocess.run(before + ["sh", "-euc", text], check=True)
sh("ip link set lo up; ip link add near type veth peer name far netns %d; ip addr add 10.9.0.1/24 dev near; ip link set near up" % far)
sh("${far}", inside)
sh("ip route add 10.8.0.2 via 10.9.0.2")
serve = 'import socket; s = socket.socket(); s.bind(("10.8.0.2", 4000)); s.listen(); print("on", flush=True); print(s.accept()[0].getsockname()[0])'
server = subprocess.Popen(inside + ["python3", "-c", serve], stdout=subprocess.PIPE, text=True)
server.stdout.readline()
client = socket.create_connection(("10.8.0.2", 4000), 20)
def outcome(address):
  try: socket.create_connection((address, 4000), 20); return "connected"
  except OSError as error: return type(error).__name__
print(json.dumps([client.getpeername()[0], server.stdout.readline().strip(), outcome("10.9.0.2")]))`,
      [...OWN_NETWORK, "sh", "-euc", FAR_MACHINE, "sh"],
    );
    // At the address that does stand on the cable nobody listens.
    expect(reached).toEqual(["10.8.0.2", "10.8.0.2", "ConnectionRefusedError"]);
  });

  test("who comes from outside arrives at no address that begins with 127, unless a setting allows it", async () => {
    says(NOTEBOOK, "knock-loopback-answer", "a packet from outside that has it is thrown away", "`route_localnet`");
    // Two machines with a cable between them; the near one takes 127.0.0.9 for an address of the far one.
    const received = await inPython(
      `
import json, os, subprocess, time
far = int(os.environ["FAR"])
while os.readlink("/proc/%d/ns/net" % far) == os.readlink("/proc/self/ns/net"): time.sleep(0.01)
inside = ["nsenter", "-t", str(far), "-n"]
def sh(text, before=[]): subprocess.run(before + ["sh", "-euc", text], check=True)
sh("ip link add near type veth peer name far netns %d; ip addr add 10.9.0.1/24 dev near; ip link set near up" % far)
sh("ip link set lo up; ip addr add 10.9.0.2/24 dev far; ip link set far up", inside)
sh("ip route add 127.0.0.9 via 10.9.0.2 dev near src 10.9.0.1")
serve = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 4000)); print("on", flush=True)
got = []
while not got or got[-1] != "10.9.0.2 end":
  s.setsockopt(0, 8, 1)  # IP_PKTINFO
  data, beside, _, _ = s.recvmsg(100, 100)
  got.append(socket.inet_ntoa(beside[0][2][8:12]) + " " + data.decode())
print(got, flush=True)
"""
server = subprocess.Popen(inside + ["python3", "-c", serve], stdout=subprocess.PIPE, text=True)
server.stdout.readline()
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"first", ("127.0.0.9", 4000))
sh("echo 1 > /proc/sys/net/ipv4/conf/far/route_localnet", inside)
s.sendto(b"second", ("127.0.0.9", 4000))
s.sendto(b"end", ("10.9.0.2", 4000))
print(json.dumps(eval(server.stdout.readline())))`,
      [...OWN_NETWORK, "sh", "-euc", FAR_MACHINE, "sh"],
    );
    expect(received).toEqual(["127.0.0.9 second", "10.9.0.2 end"]);
  });

  test("connect may give one port to two connections, if they go to different servers", async () => {
    says(NOTEBOOK, "clients-answer", "that no other connection *to this server* has");
    const ports = await inPython(
      `
import json, socket, subprocess
subprocess.run("ip link set lo up; echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range", shell=True, check=True)
servers = [socket.create_server(("127.0.0.1", port)) for port in (5001, 5002)]
clients = [socket.create_connection(server.getsockname()) for server in servers]
print(json.dumps([client.getsockname()[1] for client in clients]))`,
      [...OWN_NETWORK, "--"],
    );
    expect(ports).toEqual([40_000, 40_000]);
  });

  test("0.0.0.0: none yet, all of them, whichever fits, and this machine", async () => {
    says(
      NOTEBOOK,
      "door-taken-answer",
      "none yet",
      "all addresses of this machine",
      "whichever fits its way",
      "this machine: the address that the socket has, else 127.0.0.1",
    );
    const box = socket("box", AF_INET, SOCK_DGRAM);
    expect(box.getsockname()).toMatchObject({ address: "0.0.0.0", port: 0 });
    const { receiver } = datagram();
    const other = socket("other", AF_INET, SOCK_DGRAM);
    other.bind("127.0.0.2", 0);
    await box.sendto("a", LOOPBACK, receiver.getsockname().port);
    const { port } = box.getsockname();
    expect(box.getsockname().address).toBe("0.0.0.0");
    // What it sends has the address of its way, and what comes to any address is its own.
    expect((await receiver.recvfrom()).from.address).toBe("127.0.0.1");
    for (const address of ["127.0.0.1", "127.0.0.7"]) {
      await other.sendto(address, address, port);
      expect(`${await box.recv()}`).toBe(address);
    }
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect("0.0.0.0", place[1]);
    expect(client.getpeername().address).toBe("127.0.0.1");
    server.close();
    const doors = ["127.0.0.1", "127.0.0.2"].map((address) => {
      const door = socket(address, AF_INET, SOCK_DGRAM);
      door.bind(address, place[1]!);
      return door;
    });
    await other.sendto("to its own", "0.0.0.0", place[1]);
    await box.sendto("to 127.0.0.1", "0.0.0.0", place[1]);
    expect(await Promise.all(doors.map(async (door) => `${await door.recv()}`))).toEqual([
      "to 127.0.0.1",
      "to its own",
    ]);
  });
});

describe("03, datagrams", () => {
  const NOTEBOOK = "03-datagrams";

  test("on an Ethernet frame 1,472 bytes go in one piece and 1,473 in two; over IPv6 1,452 in one", async () => {
    says(
      NOTEBOOK,
      "largest-answer",
      "28 bytes, over IPv6 48",
      "1,472, and 1,473 are two pieces",
      "RFC 9000, section 14",
    );
    const pieces = await inPython(
      `
import errno, json, socket, subprocess
subprocess.run("ip link set lo up; ip link add near type veth peer name far; ip link set near up; ip link set far up;"
  "ip addr add 10.9.0.1/24 dev near; ip -6 addr add fd00:9::1/64 dev near nodad", shell=True, check=True)
IP_MTU_DISCOVER, DONT, DO = 10, 0, 2
def split():
  names, values = [line.split() for line in open("/proc/net/snmp") if line.startswith("Ip:")]
  return int(values[names.index("FragCreates")])
def pieces(size):
  before = split(); four.sendto(bytes(size), ("10.9.0.2", 9)); return split() - before
def whole(one, size, place):
  try: return one.sendto(bytes(size), place)
  except OSError as error: return errno.errorcode[error.errno]
four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); four.setsockopt(0, IP_MTU_DISCOVER, DONT)
out = [pieces(1472), pieces(1473)]
four.setsockopt(0, IP_MTU_DISCOVER, DO)
out += [whole(four, size, ("10.9.0.2", 9)) for size in (1472, 1473)]
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); six.setsockopt(41, 23, DO)
out += [whole(six, size, ("fd00:9::2", 9)) for size in (1452, 1453)]
print(json.dumps(out))`,
      [...OWN_NETWORK, "--"],
    );
    expect(pieces).toEqual([0, 2, 1472, "EMSGSIZE", 1452, "EMSGSIZE"]);
  });

  test("the largest datagram over IPv6 has 65,527 bytes", async () => {
    says(NOTEBOOK, "largest", "(IPv6 does not count its own header: 65,527.)");
    const desk = socket("desk", AF_INET6, SOCK_DGRAM);
    desk.bind(LOOPBACK6, 0);
    const writer = socket("writer", AF_INET6, SOCK_DGRAM);
    const { port } = desk.getsockname();
    expect(await writer.sendto("x".repeat(65_527), LOOPBACK6, port)).toBe(65_527);
    expect(await rejectionCode(writer.sendto("x".repeat(65_528), LOOPBACK6, port))).toBe("EMSGSIZE");
  });

  test("on loopback the refusal is there before send returns", async () => {
    says(NOTEBOOK, "refused-answer", "the first call **after it has come** gets it", "before `send` returns");
    const wooer = socket("wooer", AF_INET, SOCK_DGRAM);
    await wooer.connect(LOOPBACK, deadPort(SOCK_DGRAM));
    expect(await wooer.send("first")).toBe(5);
    expect(wooer.getsockopt(SO_ERROR)).toBe(111); // ECONNREFUSED, at once, and by a call that neither sends nor receives
  });

  test("sendto waits where its own system cannot get rid of the letters", async () => {
    says(NOTEBOOK, "overflow-sent", "(A `sendto` does wait where its own system cannot get rid of the letters");
    const slow = "ip link set lo up; tc qdisc add dev lo root tbf rate 8kbit burst 2000 limit 1000000";
    const [taken, refusal, waited] = (await inPython(
      `
import errno, json, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taken, refusal = 0, None
while refusal is None and taken < 100000:
  try: s.sendto(bytes(1000), socket.MSG_DONTWAIT, ("127.0.0.1", 9)); taken += 1
  except OSError as error: refusal = errno.errorcode[error.errno]
s.settimeout(0.2)
try: s.sendto(bytes(1000), ("127.0.0.1", 9)); waited = "no"
except TimeoutError: waited = "timed out"
print(json.dumps([taken, refusal, waited]))`,
      [...OWN_NETWORK, "sh", "-euc", `PATH=$PATH:/usr/sbin:/sbin; ${slow}; exec "$@"`, "sh"],
    )) as [number, string, string];
    expect(taken).toBeGreaterThan(1);
    expect([refusal, waited]).toEqual(["EAGAIN", "timed out"]);
  });

  test("a router passes no broadcast on, unless it is told to", async () => {
    says(NOTEBOOK, "broadcast-look", "routers do not pass it on unless they are told to (RFC 2644)");
    // FAR is a router between this machine and a third one.
    const received = (await inPython(
      `
import json, os, socket, subprocess, time
own = os.readlink("/proc/self/ns/net")
third = subprocess.Popen(["unshare", "--net", "sleep", "60"])
pids = [int(os.environ["FAR"]), third.pid]
for pid in pids:
  while os.readlink("/proc/%d/ns/net" % pid) == own: time.sleep(0.01)
router, end = [["nsenter", "-t", str(pid), "-n"] for pid in pids]
def sh(text, before=[]): subprocess.run(before + ["sh", "-euc", text], check=True)
sh("ip link add near type veth peer name left netns %d; ip addr add 10.9.0.1/24 dev near; ip link set near up" % pids[0])
sh("ip link add right type veth peer name end netns %d; ip addr add 10.9.0.2/24 dev left; ip addr add 10.8.0.1/24 dev right; ip link set left up; ip link set right up; echo 1 > /proc/sys/net/ipv4/ip_forward" % pids[1], router)
sh("ip addr add 10.8.0.2/24 dev end; ip link set end up; ip route add default via 10.8.0.1", end)
sh("ip route add 10.8.0.0/24 via 10.9.0.2")
hear = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 4000)); print("on", flush=True)
got = []
while not got or got[-1] != "end": got.append(s.recv(100).decode())
print(got, flush=True)
"""
ear = subprocess.Popen(end + ["python3", "-c", hear], stdout=subprocess.PIPE, text=True)
ear.stdout.readline()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.sendto(b"to one", ("10.8.0.2", 4000))
s.sendto(b"to all", ("10.8.0.255", 4000))
sh("for i in all left; do echo 1 > /proc/sys/net/ipv4/conf/$i/bc_forwarding; done", router)
s.sendto(b"to all, passed on", ("10.8.0.255", 4000))
s.sendto(b"end", ("10.8.0.2", 4000))
print(json.dumps(eval(ear.stdout.readline())))
third.kill()`,
      [...OWN_NETWORK, "sh", "-euc", FAR_MACHINE, "sh"],
    )) as string[];
    // What waits for the answer of ARP can be overtaken.
    expect(received.sort()).toEqual(["end", "to all, passed on", "to one"]);
  });

  test("with IP_RECVERR an unconnected socket is told, and to whom its letter went", async () => {
    says(NOTEBOOK, "refused-note", "**On Linux** a socket can ask for it with the option `IP_RECVERR`");
    const MSG_ERRQUEUE = 0x2000;
    const [nobody, nobodyElse] = [deadPort(SOCK_DGRAM), deadPort(SOCK_DGRAM)];
    const writer = socket("writer", AF_INET, SOCK_DGRAM);
    await writer.sendto("unasked", LOOPBACK, nobody);
    expect(writer.getsockopt(SO_ERROR)).toBe(0);
    writer.setsockopt(IP_RECVERR, true);
    await writer.sendto("asked", LOOPBACK, nobody);
    expect(await rejectionCode(writer.sendto("more", LOOPBACK, nobodyElse))).toBe("ECONNREFUSED");
    const told = calls.recvfrom(writer.fd, Buffer.alloc(100), 100, MSG_ERRQUEUE);
    expect(told.address).toMatchObject({ address: LOOPBACK, port: nobody });
  });

  test("recvmsg tells that a datagram was cut, without being asked", async () => {
    says(
      NOTEBOOK,
      "short-answer",
      "`recvmsg` says it each time, in `msg_flags`; `recv` and `recvfrom` only when you ask",
    );
    const told = await inPython(`
import json, socket
desk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); desk.bind(("127.0.0.1", 0))
writer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
writer.sendto(b"hello world", desk.getsockname()); writer.sendto(b"hello world", desk.getsockname())
data, _, flags, _ = desk.recvmsg(5)
print(json.dumps([data.decode(), bool(flags & socket.MSG_TRUNC), desk.recv(5).decode()]))`);
    expect(told).toEqual(["hello", true, "hello"]);
  });

  test("who has a closed end as its peer learns it by the answer to a later letter", async () => {
    says(NOTEBOOK, "empty-answer", "learns that nobody is there, if at all, by the answer to a later letter");
    const { receiver, place } = datagram();
    const writer = socket("writer", AF_INET, SOCK_DGRAM);
    await writer.connect(place[0], place[1]);
    receiver.close();
    expect(writer.getsockopt(SO_ERROR)).toBe(0);
    await writer.send("still there?");
    expect(writer.getsockopt(SO_ERROR)).toBe(111);
  });

  test("connect keeps strangers out from then on, and leaves what is in the mailbox", async () => {
    says(NOTEBOOK, "strangers", "from `connect` on", "(What is in its mailbox already stays there.)");
    const { receiver: house, place } = datagram();
    const { receiver: friend, place: home } = datagram(undefined, "friend");
    const stranger = socket("stranger", AF_INET, SOCK_DGRAM);
    await stranger.sendto("before", ...place);
    await house.connect(home[0], home[1]);
    await stranger.sendto("after", ...place);
    await friend.sendto("from a friend", ...place);
    expect([`${await house.recv()}`, `${await house.recv()}`]).toEqual(["before", "from a friend"]);
  });

  test("a stranger who has the house as its peer is refused, although somebody has the port", async () => {
    says(NOTEBOOK, "strangers-answer", "**On Linux** it answers as for a port that nobody has");
    const { receiver: house, place } = datagram();
    const { place: home } = datagram(undefined, "friend");
    await house.connect(home[0], home[1]);
    const stranger = socket("stranger", AF_INET, SOCK_DGRAM);
    await stranger.connect(...place);
    await stranger.send("an offer");
    const error = await rejectionOf(stranger.send("another"));
    expect(error.code).toBe("ECONNREFUSED");
    expect(String(error.advice)).toContain("or the one that has it is connected to another peer");
    expect(await rejectionCode(house.recv(100, MSG_DONTWAIT))).toBe("EAGAIN");
  });

  test("connect gives a datagram socket an address of its own", async () => {
    says(NOTEBOOK, "connected-answer", "gives it an address of its own where it has none");
    const { place } = datagram();
    const caller = socket("caller", AF_INET, SOCK_DGRAM);
    await caller.connect(place[0], place[1]);
    expect(caller.getsockname().address).toBe(LOOPBACK);
    expect(caller.getsockname().port).toBeGreaterThan(0);
  });

  test("a connected datagram socket may connect again; a stream socket may not", async () => {
    says(NOTEBOOK, "remember", "From then on it has the new peer");
    const [one, two] = [datagram(undefined, "one"), datagram(undefined, "two")];
    const caller = socket("caller", AF_INET, SOCK_DGRAM);
    await caller.connect(one.place[0], one.place[1]);
    await caller.connect(two.place[0], two.place[1]);
    expect(caller.getpeername().port).toBe(two.place[1]);
  });
});

describe("04, real time", () => {
  const NOTEBOOK = "04-real-time";

  test("the first repetition of a lone segment is a probe, and the timer doubles only after it", {
    timeout: 2 * PATIENCE_MS,
  }, async () => {
    says(NOTEBOOK, "loss-answer", "(tail loss probe, RFC 8985)", "The timer that doubles begins only then");
    const lab = await otherProcess("lab", { network: "own" });
    const listener = await lab.socket("listener", AF_INET, SOCK_STREAM);
    await listener.bind(LOOPBACK, 0);
    await listener.listen(1);
    const camera = await lab.socket("camera", AF_INET, SOCK_STREAM);
    await camera.connect(LOOPBACK, (await listener.getsockname()).port);
    const screen = await listener.accept();
    await loseSegments(screen, 1);
    await camera.send("the last frame");
    const looks: { sent: number; doubled: number }[] = [];
    for (let sent = 0; sent < 3; ) {
      const info = await camera.getsockopt(TCP_INFO);
      sent = info.totalRetrans;
      looks.push({ sent, doubled: info.backoff });
    }
    await lab.stop();
    // At every look: as often as it was sent again, less the one that was the probe.
    for (const { sent, doubled } of looks) expect(doubled).toBe(Math.max(0, sent - 1));
    expect(looks.some(({ sent }) => sent === 1)).toBe(true);
  });

  test("a stream can be emptied to its newest frame, where the borders are known", async () => {
    says(NOTEBOOK, "slow-conclusion", "A stream can be emptied to its newest position, too");
    const { server, place } = listening();
    const game = socket("game", AF_INET, SOCK_STREAM);
    await game.connect(place[0], place[1]);
    const player = await server.accept();
    for (let n = 1; n <= 50; n++) await game.send(`position ${n}`.padEnd(32));
    await expect.poll(async () => (await player.recv(65_536, MSG_PEEK)).length).toBe(50 * 32);
    const all = await player.recv(65_536);
    expect(`${all.subarray(-32)}`.trim()).toBe("position 50");
  });
});

test("each mark of what is Linux's own reads the same", () => {
  for (const name of notebookNames()) {
    for (const { id, type, source } of readNotebook(name).cells) {
      if (type === "code") continue;
      const marks = source.match(/\bon linux\b/gi) ?? [];
      // In the head of a table there is no bold within bold.
      const visible = source.match(/\*\*[Oo]n Linux\*\*|\| [^|\n]*on Linux \|/g) ?? [];
      expect(visible.length, `${name} ${id}`).toBe(marks.length);
    }
  }
});

test("each state of TCP has one name, Linux's; the RFC's are explained once", () => {
  const ofTheRfc =
    /\b(?:CLOSED|SYN-(?:SENT|RECEIVED)|(?:FIN|TIME|CLOSE)-WAIT(?:-[12])?|LAST-ACK|FIN_WAIT_[12]|SYN_RCVD)\b/;
  const found = notebookNames().flatMap((name) =>
    readNotebook(name)
      .cells.filter(({ source }) => ofTheRfc.test(source))
      .map(({ source }) => ({ name, source })),
  );
  expect(found.map(({ name }) => name)).toEqual(["01-connection-procedure"]);
  for (const word of ["RFC 9293", "TIME-WAIT", "CLOSED for `CLOSE`"]) expect(found[0]!.source).toContain(word);
});

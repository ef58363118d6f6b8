import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { AF_INET6, AF_UNIX, type Handle, SHUT_WR, SOCK_DGRAM, SOCK_STREAM, socket } from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { type Child, start } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_INTERNET, EACH_KIND, freshPath, KINDS, type Kind, type Place, removePaths } from "../support/kinds.js";
import { rejectionCode } from "../support/outcome.js";
import { connected, datagram, deadPort, listening } from "../support/pairs.js";

guardDescriptors();
removePaths();

const python = (script: string): Child =>
  start(process.env.WORKSHOP_PYTHON ?? "python3", ["-u", "-c", `import socket, sys\n${script}`]);

/** The family and the address as Python writes them. */
const inPython = (kind: Kind, place: Place): { family: string; address: string } => ({
  family: kind.family === AF_UNIX ? "socket.AF_UNIX" : kind.family === AF_INET6 ? "socket.AF_INET6" : "socket.AF_INET",
  address: kind.family === AF_UNIX ? JSON.stringify(place[0]) : `(${JSON.stringify(place[0])}, ${place[1]})`,
});

async function toTheEnd(handle: Handle): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of handle) parts.push(part);
  return Buffer.concat(parts);
}

/** Sends 300,000 bytes and receives them back from a peer that echoes. */
async function echoThrough(handle: Handle): Promise<void> {
  const data = randomBytes(300_000);
  const sending = handle.sendAll(data).then(() => handle.shutdown(SHUT_WR));
  const got = await toTheEnd(handle);
  await sending;
  expect(got.equals(data)).toBe(true);
}

describe.each(EACH_KIND)("Python, %s", (_, kind) => {
  test("our server, its client", async () => {
    const { server, place } = listening(kind);
    const { family, address } = inPython(kind, place);
    const child = python(`s = socket.socket(${family}, socket.SOCK_STREAM)
s.connect(${address})
s.sendall(bytes(range(256)) * 400)
s.shutdown(socket.SHUT_WR)
got = b""
while True:
    part = s.recv(65536)
    if not part: break
    got += part
print(got == bytes(range(256)) * 400)`);
    const conversation = await server.accept();
    const data = await toTheEnd(conversation);
    await conversation.sendAll(data);
    conversation.close();
    expect(await child.line()).toBe("True");
    expect((await child.ended).code).toBe(0);
  });

  test("its server, our client", async () => {
    const wanted = kind.anyPlace();
    const { family, address } = inPython(kind, wanted);
    const child = python(`s = socket.socket(${family}, socket.SOCK_STREAM)
s.bind(${address})
s.listen(1)
print(s.getsockname()[1] if ${family} != socket.AF_UNIX else 0)
c, _ = s.accept()
while True:
    part = c.recv(65536)
    if not part: break
    c.sendall(part)
c.close()`);
    const port = Number(await child.line());
    const client = await connected(kind.family === AF_UNIX ? wanted : [wanted[0], port], kind);
    await echoThrough(client);
    expect((await child.ended).code).toBe(0);
  });

  test("datagrams there and back", async () => {
    const { receiver, place } = datagram(kind);
    const home = kind.anyPlace();
    const { family, address } = inPython(kind, place);
    const child = python(`s = socket.socket(${family}, socket.SOCK_DGRAM)
s.bind(${inPython(kind, home).address})
s.sendto(b"", ${address})
s.sendto(b"\\x00\\xffquestion", ${address})
data, sender = s.recvfrom(100)
print(data.decode(), sender[:2] if isinstance(sender, tuple) else sender)`);
    expect((await receiver.recvfrom()).data.byteLength).toBe(0);
    const { data, from } = await receiver.recvfrom();
    expect(data.toString("latin1")).toBe("\0\xffquestion");
    if (kind.family === AF_UNIX) expect(from.address).toBe(home[0]);
    await receiver.sendto("answer", from.address, kind.family === AF_UNIX ? undefined : from.port);
    const said = await child.line();
    expect(said).toBe(`answer ${kind.family === AF_UNIX ? place[0] : `('${place[0]}', ${place[1]})`}`);
    expect((await child.ended).code).toBe(0);
  });
});

test("Python sees the reset of SO_LINGER 0, and its reset is ECONNRESET here", async () => {
  const { server, place } = listening();
  const child = python(`import struct
s = socket.socket()
s.connect((${JSON.stringify(place[0])}, ${place[1]}))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()`);
  const conversation = await server.accept();
  expect((await child.ended).code).toBe(0);
  expect(await rejectionCode(conversation.recv())).toBe("ECONNRESET");
});

describe.each(EACH_INTERNET)("nc and socat, %s", (_, kind) => {
  const version = kind.family === AF_INET6 ? "-6" : "-4";
  const bracketed = (address: string) => (kind.family === AF_INET6 ? `[${address}]` : address);

  test("nc is our client", async () => {
    const { server, place } = listening(kind);
    const child = start("nc", [version, "-N", place[0], `${place[1]}`]);
    child.write("from nc\n");
    child.end();
    const conversation = await server.accept();
    expect(`${await toTheEnd(conversation)}`).toBe("from nc\n");
    await conversation.send("to nc\n");
    conversation.close();
    expect(await child.line()).toBe("to nc");
    expect((await child.ended).code).toBe(0);
  });

  test("nc is our server", async () => {
    const [address] = kind.anyPlace();
    const port = deadPort();
    const child = start("nc", [version, "-n", "-v", "-l", "-N", address, `${port}`]);
    await stderrSays(child, "Listening on");
    const client = await connected([address, port], kind);
    await client.send("to nc\n");
    expect(await child.line()).toBe("to nc");
    child.write("from nc\n");
    child.end();
    expect(`${await toTheEnd(client)}`).toBe("from nc\n");
    client.close();
    expect((await child.ended).code).toBe(0);
  });

  test("socat echoes a stream", async () => {
    const [address] = kind.anyPlace();
    const port = deadPort();
    const family = kind.family === AF_INET6 ? "TCP6" : "TCP4";
    const child = start("socat", ["-d", "-d", `${family}-LISTEN:${port},bind=${bracketed(address)}`, "PIPE"]);
    await stderrSays(child, "listening on");
    await echoThrough(await connected([address, port], kind));
    expect((await child.ended).code).toBe(0);
  });

  test("socat answers a datagram", async () => {
    const [address] = kind.anyPlace();
    const port = deadPort(SOCK_DGRAM);
    const family = kind.family === AF_INET6 ? "UDP6" : "UDP4";
    const child = start("socat", [`${family}-LISTEN:${port},bind=${bracketed(address)}`, "PIPE"]);
    await boundUdp(child, port);
    const { receiver } = datagram(kind, "asks");
    await receiver.sendto("echo me", address, port);
    const { data, from } = await receiver.recvfrom();
    expect([`${data}`, from.port]).toEqual(["echo me", port]);
    child.process.kill();
    await child.ended;
  });
});

test("socat and a Unix-domain socket, both ways", async () => {
  const path = freshPath();
  const server = socket("server", AF_UNIX, SOCK_STREAM);
  server.bind(path);
  server.listen();
  const child = start("socat", ["-", `UNIX-CONNECT:${path}`]);
  child.write("from socat\n");
  const conversation = await server.accept();
  expect(`${await conversation.recv()}`).toBe("from socat\n");
  await conversation.send("to socat\n");
  expect(await child.line()).toBe("to socat");
  child.end();
  expect((await conversation.recv()).byteLength).toBe(0);
  conversation.close();
  expect((await child.ended).code).toBe(0);

  const other = freshPath();
  const listener = start("socat", ["-d", "-d", `UNIX-LISTEN:${other}`, "PIPE"]);
  await stderrSays(listener, "listening on");
  await echoThrough(await connected([other], KINDS.AF_UNIX));
  expect((await listener.ended).code).toBe(0);
});

/** Waits until the program has said this on its standard error. */
async function stderrSays(child: Child, words: string): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.process.stderr!.on("data", (chunk: string) => {
      said += chunk;
      if (said.includes(words)) resolve();
    });
    child.ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
}

/** Waits until somebody has bound the port: socat says nothing of it, the system's table does. */
async function boundUdp(child: Child, port: number): Promise<void> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  let over = false;
  const note = () => {
    over = true;
  };
  child.ended.then(note, note);
  const isThere = () => ["udp", "udp6"].some((table) => readFileSync(`/proc/net/${table}`, "latin1").includes(hex));
  while (!isThere()) {
    if (over) throw new Error("socat has ended.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

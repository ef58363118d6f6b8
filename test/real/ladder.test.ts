import {
  AF_INET,
  addressBytes,
  attempt,
  choosePort,
  ladder as drawLadder,
  IP_RECVERR,
  LOOPBACK,
  loseDatagrams,
  MSG_ERRQUEUE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { expect, it } from "vitest";
import * as calls from "../../kernel-helpers/dist/calls/index.js";
import { fromSteps } from "../../kernel-helpers/dist/conversation/index.js";
import { observedStates } from "../../kernel-helpers/dist/inspection/index.js";
import { takeSnapshot } from "../../kernel-helpers/dist/notebook/snapshot.js";
import { noteStates } from "../../kernel-helpers/dist/notebook/states.js";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { steps } from "../../kernel-helpers/dist/trace/index.js";
import { freshRecord } from "../support/speakers.js";

const shown = (given: ReturnType<typeof trace.steps>) => fromSteps(given, calls);

freshRecord();

it("a real connection becomes a ladderPicture that says what happened", async () => {
  const port = choosePort();
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, port);
  server.listen(5);
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, port);
  const conversation = await server.accept();
  await client.send("hello");
  await conversation.recv(2);
  await conversation.recv(1024);
  const waiting = conversation.recv(10);
  await client.send("late");
  await waiting;
  const rival = socket("rival", AF_INET, SOCK_STREAM);
  attempt(() => rival.bind(LOOPBACK, port));
  client.close();
  await conversation.recv();
  const { alt, svg } = ladderPicture({ steps: shown(trace.steps()) });
  expect(alt).toContain(`bind 127.0.0.1:${port} = 0.`);
  expect(alt).toMatch(/server: accept = \d+ ← 127\.0\.0\.1:\d+; takes the connection of client; new socket server→1\./);
  expect(alt).toContain('server→1: recv(2) "he" = 2; 2 bytes from client.');
  expect(alt).toContain('server→1: recv "llo" = 3; 3 bytes from client.');
  expect(alt).toMatch(/server→1: recv "late" = 4; waited [\d.]+ ms; 4 bytes from client\./);
  expect(alt).toContain(`rival: bind 127.0.0.1:${port} = -1 EADDRINUSE.`);
  expect(alt).toContain("server→1: recv = 0 end of stream; client has ended the stream.");
  expect(svg).toMatch(/class="bare b c-text">new[^<]* server→1</);
});

it("real datagrams find their receivers, and a cut one says so", async () => {
  const port = choosePort();
  const mailbox = socket("mailbox", AF_INET, SOCK_DGRAM);
  mailbox.bind(LOOPBACK, port);
  const postman = socket("postman", AF_INET, SOCK_DGRAM);
  await postman.sendto("first", LOOPBACK, port);
  await postman.sendto("a long letter", LOOPBACK, port);
  await mailbox.recvfrom();
  await mailbox.recvfrom(6);
  await postman.sendto("x", LOOPBACK, port);
  await mailbox.recvfrom();
  const { alt } = ladderPicture({ steps: shown(trace.steps()) });
  expect(alt).toContain("5 bytes from postman.");
  expect(alt).toContain("1 byte from postman.");
  expect(alt).toContain("6 bytes from postman, the rest is cut off.");
});

it("messages with what goes beside them have arrows too; an error from the queue of errors has none", async () => {
  const port = choosePort();
  const mailbox = socket("mailbox", AF_INET, SOCK_DGRAM);
  mailbox.bind(LOOPBACK, port);
  const postman = socket("postman", AF_INET, SOCK_DGRAM);
  await postman.sendmsg({ data: "a letter", address: LOOPBACK, port });
  await mailbox.recvmsg(6);
  await postman.sendmsg({ data: "plain", address: LOOPBACK, port });
  await mailbox.recvfrom();
  mailbox.close();
  postman.setsockopt(IP_RECVERR, 1);
  await postman.sendmsg({ data: "lost", address: LOOPBACK, port });
  await postman.recvmsg(9, MSG_ERRQUEUE);
  await postman.sendmsg({ data: "more", address: LOOPBACK, port });
  await postman.recvfrom(9, MSG_ERRQUEUE);
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  server.listen();
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, server.getsockname().port);
  const conversation = await server.accept();
  await client.sendmsg({ data: "hello" });
  await conversation.recvExactly(2);
  await conversation.recvmsg();
  const { alt } = ladderPicture({ steps: shown(trace.steps()) });
  expect(alt).toMatch(/mailbox: recvmsg\(6\) "a lett" [^;]*; 6 bytes from postman, the rest is cut off\./);
  expect(alt).toMatch(/mailbox: recvfrom "plain" [^;]*; 5 bytes from postman\./);
  expect(alt).toMatch(/postman: recvfrom MSG_ERRQUEUE "more" = 4 ← 127\.0\.0\.1:\d+\./);
  expect(alt).toMatch(/postman: recvmsg MSG_ERRQUEUE "lost" = 4 ← 127\.0\.0\.1:\d+\./);
  expect(alt).toContain('server→1: recv(2) "he" = 2; 2 bytes from client.');
  expect(alt).toContain('server→1: recvmsg "llo" = 3; 3 bytes from client.');
});

it("a datagram that a filter has thrown away is not blamed on a full queue", async () => {
  const port = choosePort();
  const deaf = socket("deaf", AF_INET, SOCK_DGRAM);
  deaf.bind(LOOPBACK, port);
  loseDatagrams(deaf, 1);
  const postman = socket("postman", AF_INET, SOCK_DGRAM);
  await postman.sendto("lost", LOOPBACK, port);
  const drops = [{ handle: "deaf", count: 1 }];
  const { alt } = ladderPicture({ steps: shown(trace.steps()), drops });
  expect(alt).toContain("deaf: setsockopt SO_ATTACH_FILTER = 0.");
  expect(alt).toMatch(/"lost" [\d.:]+ = 4; dropped by the socket's filter at deaf \(inferred\)\./);
});

it("an option that is set is shown with its value", () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.setsockopt(SO_REUSEADDR, 0);
  server.getsockopt(SO_REUSEADDR);
  const { alt } = ladderPicture({ steps: shown(trace.steps()) });
  expect(alt).toContain("server: setsockopt SO_REUSEADDR 0 = 0.");
  expect(alt).toContain("server: getsockopt SO_REUSEADDR = 0.");
});

it("a scene goes through JSON and is drawn the same", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  server.listen();
  const waiting = server.accept();
  const steps = shown(trace.steps());
  const copy = JSON.parse(JSON.stringify({ steps, now: 1e6 }));
  expect(ladderPicture(copy)).toEqual(ladderPicture({ steps, now: 1e6 }));
  expect(ladderPicture(copy).alt).toContain("server: accept still waits");
  server.close();
  await expect(waiting).rejects.toThrow();
});

it("the states that are seen of a name say of which of its sockets", async () => {
  for (let n = 0; n < 2; n++) {
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, choosePort());
    server.listen();
    noteStates(takeSnapshot());
  }
  const seen = observedStates().filter(({ handle }) => handle === "server");
  const [first, second] = trace.steps().filter(({ name }) => name === "socket");
  const since = [...new Set(seen.map((state) => state.since))];
  expect(since).toHaveLength(2);
  expect(since[0]).toBeGreaterThanOrEqual(first!.start);
  expect(since[0]).toBeLessThan(second!.start);
  expect(since[1]).toBeGreaterThanOrEqual(second!.start);
});

it.each([
  [() => drawLadder(null as never), "ladder() takes its options in braces"],
  [() => drawLadder(20 as never), "ladder() takes its options in braces"],
  [() => drawLadder({ last: "20" } as never), "last is how many of the last calls to draw, a number"],
  [() => drawLadder({ last: 0 }), "1 or more, and not 0."],
  [() => drawLadder({ last: Number.NaN }), "1 or more, and not NaN."],
  [
    () => drawLadder({ only: "server" } as never),
    'only is a list of names of handles: ladder({ only: ["server", "client"] }).',
  ],
  [() => addressBytes(null as never), "addressBytes() takes an address and a port"],
])("what is no option is refused, with what to write: %s", (draw, message) => {
  expect(draw).toThrow(message);
});

it("a step that has ended is read once", () => {
  socket("server", AF_INET, SOCK_STREAM);
  const [first] = shown(steps());
  expect(shown(steps())[0]).toBe(first);
});

it("a duplicate of an accepted socket's number has a lane beside that one", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  server.listen(5);
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, server.getsockname().port);
  const conversation = await server.accept();
  const copy = calls.dup(conversation.fd);
  calls.send(copy, Buffer.from("hello"), 5);
  await client.recv();
  const { alt } = ladderPicture({ steps: shown(trace.steps()) });
  calls.close(copy);
  expect(alt).toMatch(/: send "hello" = 5/);
  expect(alt).toMatch(/client: recv "hello" = 5/);
});

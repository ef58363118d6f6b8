import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { datagrams, type Handle, otherProcess, type Server, SOCK_DGRAM, serve } from "kernel-helpers";
import { beforeEach, describe, expect, test } from "vitest";
import { type Child, run, start, startScript } from "../../support/child.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { freshPath, removePaths } from "../../support/kinds.js";
import { openBrowser } from "../../support/lab/browser.js";
import { LONG_PATIENCE_MS } from "../../support/time.js";

guardDescriptors();
removePaths();

let server: Server;

beforeEach(async () => {
  server = await serve("server", {}, async (conversation: Handle) => {
    for await (const data of conversation) await conversation.sendAll(data);
  });
});

const DATA = randomBytes(300_000);

/** A request and its answer, as far as a browser or curl wants them (RFC 9112). */
async function hello(conversation: Handle): Promise<void> {
  let request = "";
  while (!request.includes("\r\n\r\n")) {
    const data = await conversation.recv();
    if (data.byteLength === 0) return;
    request += data;
  }
  const body = `You asked for ${request.split(" ")[1]}.\n`;
  await conversation.sendAll(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

describe("other programs talk to it", () => {
  test("nc and socat", async () => {
    for (const command of [
      ["nc", "-N", "127.0.0.1", `${server.port}`],
      ["socat", "-t", "20", "-", `TCP:127.0.0.1:${server.port}`],
    ]) {
      const child = start(command[0]!, command.slice(1));
      child.write("hello\n");
      expect(await child.line()).toBe("hello");
      child.end();
      expect((await child.ended).code).toBe(0);
    }
    await expect.poll(() => [server.clients, server.served, server.failed]).toEqual([0, 2, 0]);
  });

  test("nc, socat, curl and node:net at a path", async () => {
    const path = freshPath();
    const local = await serve("local", { address: path }, async (conversation: Handle) => {
      for await (const data of conversation) await conversation.sendAll(data);
    });
    for (const command of [
      ["nc", "-N", "-U", path],
      ["socat", "-t", "20", "-", `UNIX-CONNECT:${path}`],
    ]) {
      const child = start(command[0]!, command.slice(1));
      child.write("hello\n");
      expect(await child.line()).toBe("hello");
      child.end();
      expect((await child.ended).code).toBe(0);
    }
    const socket = connect(path);
    socket.end(DATA);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(DATA)).toBe(true);
    await expect.poll(() => [local.served, local.failed]).toEqual([3, 0]);
    await serve("local", { address: path }, hello);
    const { stdout } = await run("curl", ["--silent", "--max-time", "20", "--unix-socket", path, "http://here/path"]);
    expect(stdout).toBe("You asked for /path.\n");
  });

  test("nc, socat, Python and node:dgram with datagrams", async () => {
    const box = await serve("box", { type: SOCK_DGRAM }, async (mailbox: Handle) => {
      for await (const { data, from } of datagrams(mailbox)) await mailbox.sendto(data, from.address, from.port);
    });
    for (const command of [
      ["nc", "-u", "-W", "1", "127.0.0.1", `${box.port}`],
      ["socat", "-T", "20", "-", `UDP:127.0.0.1:${box.port}`],
      [
        process.env.WORKSHOP_PYTHON ?? "python3",
        "-c",
        `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(sys.stdin.readline().encode(), ("127.0.0.1", ${box.port}))
print(s.recvfrom(100)[0].decode(), end="")`,
      ],
    ]) {
      const child = start(command[0]!, command.slice(1));
      child.write("hello\n");
      expect(await child.line()).toBe("hello");
      child.process.kill();
      await child.ended.catch(() => {});
    }
    const socket = createSocket("udp4");
    socket.send("hello", box.port!, "127.0.0.1");
    expect(String(await new Promise((resolve) => socket.once("message", resolve)))).toBe("hello");
    socket.close();
    expect([box.state, box.failed]).toEqual(["listening", 0]);
  });

  test("Python and node:net, with many bytes", async () => {
    const child = start(process.env.WORKSHOP_PYTHON ?? "python3", [
      "-c",
      `import socket, threading, os
s = socket.create_connection(("127.0.0.1", ${server.port}))
data = os.urandom(300000)
threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
got = b""
while part := s.recv(65536): got += part
print(got == data)`,
    ]);
    const socket = connect(server.port!, "127.0.0.1");
    socket.end(DATA);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(DATA)).toBe(true);
    expect(await child.line()).toBe("True");
    await child.ended;
  });

  test("curl", async () => {
    const web = await serve("web", {}, hello);
    const { stdout, code } = await run("curl", ["--silent", "--max-time", "20", `http://127.0.0.1:${web.port}/socket`]);
    expect([stdout, code]).toEqual(["You asked for /socket.\n", 0]);
    await expect.poll(() => [web.served, web.failed]).toEqual([1, 0]);
  });

  test("a browser, with several requests at once", { timeout: LONG_PATIENCE_MS }, async () => {
    const web = await serve("web", {}, hello);
    const { browser, page, troubles } = await openBrowser();
    try {
      const response = await page.goto(`http://127.0.0.1:${web.port}/page`);
      expect([response!.status(), await page.innerText("body")]).toEqual([200, "You asked for /page.\n"]);
      const asked = await page.evaluate(
        "Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => fetch('/' + n).then((answer) => answer.text())))",
      );
      expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `You asked for /${n}.\n`));
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
    }
    // It opens connections in advance, and closes them unused.
    await expect.poll(() => web.clients).toBe(0);
    expect([web.served >= 9, web.failed, web.state]).toEqual([true, 0, "listening"]);
  });
});

describe("the cell is run again", () => {
  test("with a client of another process still connected, and a child process alive that was started meanwhile", async () => {
    const lab = await otherProcess("lab");
    const theirs = await lab.socket("theirs", 2, 1);
    await theirs.connect("127.0.0.1", server.port!);
    await theirs.send("hello");
    expect(String(await theirs.recv())).toBe("hello");
    // It would have the listening socket too, if that were not close-on-exec.
    const child: Child = start("sleep", ["60"]);
    const { port } = server;
    for (let again = 0; again < 20; again++) {
      server = await serve("server", { port: port! }, async (conversation: Handle) => {
        for await (const data of conversation) await conversation.sendAll(`${again} ${data}`);
      });
    }
    expect((await theirs.recv()).byteLength).toBe(0);
    await theirs.close();
    const socket = await lab.socket("theirs", 2, 1);
    await socket.connect("127.0.0.1", port!);
    await socket.send("hello");
    expect(String(await socket.recv())).toBe("19 hello");
    child.process.kill();
    await child.ended.catch(() => {});
    await lab.stop();
  });
});

test("out of descriptors it pauses, says so, loses no client that waits, and goes on", async () => {
  const child = start("sh", [
    "-c",
    'ulimit -n 64; exec "$0" -e "$1"',
    process.execPath,
    `const { serve, socket, trace, calls, AF_INET, SOCK_STREAM, LOOPBACK } = require("kernel-helpers"); trace.off();
     (async () => {
       const server = await serve("server", {}, async (c) => { for await (const data of c) await c.sendAll(data); });
       console.log(server.port);
       const taken = [];
       const accepts = () => trace.steps().filter(({ name, end }) => name === "accept" && end !== undefined).length;
       process.stdin.on("data", async (text) => {
         if (String(text).startsWith("fill")) { try { for (;;) taken.push(calls.socket(AF_INET, SOCK_STREAM, 0)); } catch (error) { console.log(error.code); } }
         else if (String(text).startsWith("free")) { for (const fd of taken.splice(0)) calls.close(fd); console.log("freed"); }
         else if (String(text).startsWith("end")) { await server.stop(); process.exit(); }
         else console.log(JSON.stringify([server.state, server.clients, String(server.lastError).slice(0, 60), accepts()]));
       });
     })();`,
  ]);
  const port = Number(await child.line());
  child.write("fill\n");
  expect(await child.line()).toBe("EMFILE");
  const sockets = [0, 1, 2].map(() => connect(port, "127.0.0.1"));
  const answers = sockets.map((socket, n) => {
    socket.write(`client ${n}`);
    return new Promise((resolve) => socket.once("data", (data) => resolve(String(data))));
  });
  const look = async (): Promise<[string, number, string, number]> => {
    child.write("look\n");
    return JSON.parse(await child.line());
  };
  await expect.poll(async () => (await look())[0]).toBe("paused");
  const [, clients, error, before] = await look();
  expect(clients).toBe(0);
  expect(error).toMatch(/accept\(\d+\).*EMFILE/);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // It rests: a loop without a pause would try as often as it can.
  expect((await look())[3] - before).toBeLessThanOrEqual(15);
  child.write("free\n");
  expect(await child.line()).toBe("freed");
  expect(await Promise.all(answers)).toEqual(["client 0", "client 1", "client 2"]);
  expect((await look()).slice(0, 2)).toEqual(["listening", 3]);
  for (const socket of sockets) socket.destroy();
  child.write("end\n");
  expect((await child.ended).code).toBe(0);
});

test("a plain program stays alive for it, and ends when it is stopped", async () => {
  const child = startScript(`
    const server = await sockets.serve("server", {}, async (c) => { for await (const data of c) await c.sendAll(data); });
    console.log(server.port);
    process.stdin.once("data", () => { process.stdin.destroy(); server.stop(); });`);
  const port = Number(await child.line());
  const socket = connect(port, "127.0.0.1");
  socket.write("alive?");
  expect(String(await new Promise((resolve) => socket.once("data", resolve)))).toBe("alive?");
  child.write("stop\n");
  expect((await child.ended).code).toBe(0);
  socket.destroy();
});

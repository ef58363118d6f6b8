import { inspect } from "node:util";
import {
  AF_INET,
  AF_UNIX,
  ANY,
  attempt,
  calls,
  choosePort,
  closeAll,
  type Handle,
  handles,
  LOOPBACK,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SocketError,
  socket,
  TimeoutError,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors, socketDescriptors } from "../support/descriptors.js";
import { EACH_KIND, removePaths } from "../support/kinds.js";
import { failureOf, rejectionOf, turn } from "../support/outcome.js";
import { connected, deadPort, listening, streamPair } from "../support/pairs.js";

guardDescriptors();
removePaths();

describe("a name is opened again", () => {
  test.each(EACH_KIND)(
    "%s: the old handle and what it accepted are closed first, and nothing else",
    async (_, kind) => {
      const { server, place } = listening(kind);
      const client = await connected(place, kind);
      const conversation = await server.accept();
      const waits = [server.accept(), conversation.recv()];
      const lines = await printed(() => socket("server", kind.family, SOCK_STREAM));
      expect([server.closed, conversation.closed, client.closed]).toEqual([true, true, false]);
      for (const wait of waits)
        expect((await rejectionOf(wait)).message).toContain('socket("server", …) opened it anew');
      const ended = lines.filter((line) => line.includes("ended: the handle was closed"));
      expect(ended).toHaveLength(2);
      // What is said of the file of a Unix-domain socket is indented.
      expect(lines.filter((line) => !ended.includes(line) && !line.startsWith(" "))).toEqual([
        `server→1      close(${conversation.fd}) = 0`,
        `server        close(${server.fd}) = 0`,
        expect.stringMatching(new RegExp(`^server {8}socket\\(${_}, SOCK_STREAM\\) = \\d+$`)),
      ]);
      expect((await client.recv()).byteLength).toBe(0);
    },
  );

  test("what a handle accepted goes too when the handle itself was closed before", async () => {
    const { server, place } = listening();
    await connected(place);
    const conversation = await server.accept();
    server.close();
    expect(conversation.closed).toBe(false);
    listening();
    expect(conversation.closed).toBe(true);
  });

  test("the whole of a notebook can be run again and again", async () => {
    const port = choosePort();
    for (let run = 0; run < 20; run++) {
      const server = socket("server", AF_INET, SOCK_STREAM);
      server.bind(LOOPBACK, port);
      server.listen(5);
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, port);
      const conversation = await server.accept();
      expect(conversation.name).toBe("server→1");
      await client.send("hello");
      expect(`${await conversation.recv()}`).toBe("hello");
      if (run % 2 === 0) conversation.close();
      if (run % 3 === 0) client.close();
    }
  });

  test("closing the old one does not fail when its descriptor was closed behind it", () => {
    const old = socket("server", AF_INET, SOCK_STREAM);
    calls.close(old.fd);
    expect(old.closed).toBe(true);
    expect(socket("server", AF_INET, SOCK_STREAM).closed).toBe(false);
  });

  test("the error of a closed handle says why it is closed and what to run", () => {
    const first = socket("server", AF_INET, SOCK_STREAM);
    socket("server", AF_INET, SOCK_STREAM);
    expect(failureOf(() => first.listen()).message).toBe(
      `listen(${first.fd}) on "server" was not made: the handle is closed. socket("server", …) opened it anew. Run the cell with socket("server", …) again, and the cells after it. man 2 close`,
    );
  });
});

describe("attempt", () => {
  test("prints the failed line and its meaning, and returns the error", async () => {
    const { place } = listening();
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    let returned: unknown;
    const lines = await printed(() => {
      returned = attempt(() => rival.bind(...place));
    });
    expect(returned).toBeInstanceOf(SocketError);
    expect(paragraphs(lines)).toEqual([
      `rival         bind(${rival.fd}, ${place.join(":")}) = -1 EADDRINUSE (Address already in use)`,
      '              The port is taken by your own handle "server" (listening). man 2 bind',
    ]);
  });

  test("awaits, and explains what failed late", async () => {
    const client = socket("client", AF_INET, SOCK_STREAM);
    const port = deadPort();
    let returned: unknown;
    const lines = await printed(async () => {
      returned = await attempt(() => client.connect(LOOPBACK, port));
    });
    expect(returned).toMatchObject({ code: "ECONNREFUSED" });
    expect(paragraphs(lines)).toEqual([
      `client        connect(${client.fd}, 127.0.0.1:${port}) = -1 ECONNREFUSED (Connection refused)`,
      "              Nobody listens at that address and port. Run the server's listen() first, and compare the port numbers. man 2 connect",
    ]);
  });

  test("a timeout, a wrong argument, a closed handle, and an error of the learner's own", async () => {
    const { server, place } = listening();
    expect(paragraphs(await printed(() => attempt(() => server.accept({ timeout: 5 }))))).toEqual([
      `server        accept(${server.fd}) waits for a client`,
      `server        accept(${server.fd}) ended: timeout`,
      `              TimeoutError: waited 5 ms and no client has connected to ${place.join(":")}. Run the cell with client.connect(…), or give it a longer timeout.`,
    ]);
    expect(paragraphs(await printed(() => attempt(() => server.bind(LOOPBACK, 70_000))))).toEqual([
      "              RangeError: A port must be an integer from 0 to 65535, not 70000.",
    ]);
    expect(paragraphs(await printed(() => attempt(() => Promise.reject(new Error("mine")))))).toEqual([
      "              Error: mine",
    ]);
    server.close();
    expect(paragraphs(await printed(() => attempt(() => server.listen())))).toEqual([
      `server        listen(${server.fd}) was not made: the handle is closed`,
      '              It was closed. Run the cell with socket("server", …) again, and the cells after it. man 2 close',
    ]);
  });

  test("returns what succeeds, and lets through what is no error", async () => {
    expect(attempt(() => 5)).toBe(5);
    expect(await attempt(async () => "late")).toBe("late");
    expect(() =>
      attempt(() => {
        throw "text";
      }),
    ).toThrow("text");
  });

  test("the error it returns is one line as a cell's value; any other shows its explanation", async () => {
    const handle = socket("server", AF_INET, SOCK_STREAM);
    handle.bind(LOOPBACK, 0);
    const action = () => handle.bind(LOOPBACK, 0);
    expect(paragraphs(inspect(failureOf(action)).split("\n"))).toHaveLength(2);
    let returned: unknown;
    await printed(() => {
      returned = attempt(action);
    });
    expect(inspect(returned)).toBe("SocketError: EINVAL");
  });
});

describe("choosePort", () => {
  test("free for TCP and UDP, below 32768, each time another one", () => {
    const ports = Array.from({ length: 50 }, () => choosePort());
    expect(new Set(ports).size).toBe(50);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(1024);
      expect(port).toBeLessThan(32_768);
      for (const type of [SOCK_STREAM, SOCK_DGRAM]) socket(`type ${type}`, AF_INET, type).bind(ANY, port);
    }
  });

  test("a name keeps its port: while it is used here, after it was used, and with connections in TIME_WAIT", async () => {
    const port = choosePort("echo");
    const use = async () => {
      const server = socket("server", AF_INET, SOCK_STREAM);
      server.bind(LOOPBACK, port);
      server.listen();
      expect(choosePort("echo")).toBe(port);
      const client = await connected([LOOPBACK, port]);
      const conversation = await server.accept();
      // The server's side closes first: its end stays in TIME_WAIT.
      conversation.close();
      await client.recv();
      client.close();
      server.close();
    };
    await use();
    expect(choosePort("echo")).toBe(port);
    await use();
    expect(choosePort("other")).not.toBe(port);
  });

  test("a name keeps its port, whoever has it", () => {
    const port = choosePort("taken");
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port });
    calls.listen(fd, 1);
    expect(choosePort("taken")).toBe(port);
    calls.close(fd);
  });

  test("leaves no socket open", () => {
    const before = socketDescriptors().size;
    for (let i = 0; i < 20; i++) choosePort();
    expect(socketDescriptors().size).toBe(before);
  });
});

describe("handles and closeAll", () => {
  test("the table shows addresses, states and queues as the system tells them", async () => {
    const { server, place } = listening(undefined, 7);
    const client = await connected(place);
    await connected(place, undefined, "second");
    await client.send("12345");
    const conversation = await server.accept();
    const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
    receiver.bind(LOOPBACK, 0);
    const lines = await printed(handles);
    const cells = lines.map((line) => line.split(/ {2,}/));
    const row = (handle: Handle) => cells.find(([name]) => name === handle.name)?.slice(1);
    const at = place.join(":");
    const home = `${LOOPBACK}:${client.getsockname().port}`;
    expect(cells[0]).toEqual(["handle", "fd", "local / peer", "state", "Recv-Q", "Send-Q"]);
    expect(row(server)).toEqual([`${server.fd}`, at, "LISTEN", "1", "0"]);
    expect(row(client)).toEqual([`${client.fd}`, home, "ESTABLISHED", "0", "0"]);
    expect(row(conversation)).toEqual([`${conversation.fd}`, at, "ESTABLISHED", "5", "0"]);
    const bound = `${LOOPBACK}:${receiver.getsockname().port}`;
    expect(row(receiver)?.slice(0, 3)).toEqual([`${receiver.fd}`, bound, "DGRAM"]);
    const below = (handle: Handle) => lines[cells.findIndex(([name]) => name === handle.name) + 1]?.trim();
    expect([below(client), below(conversation)]).toEqual([`↔ ${at}`, `↔ ${home}`]);
    expect(below(server)).toBe("backlog 1 of 7");
    // A row for each of the five, a line for the peer of three, and one for the backlog.
    expect(cells).toHaveLength(1 + 5 + 3 + 1);
  });

  test("all columns line up", async () => {
    await streamPair();
    const lines = await printed(handles);
    for (const heading of ["local", "state"]) {
      const column = lines[0]!.indexOf(heading);
      for (const line of lines)
        expect(
          line
            .slice(column - 2, column)
            .replace("↔", " ")
            .trim(),
        ).toBe("");
    }
  });

  test("no line is wider than half a window, whatever the names and addresses", async () => {
    const wide = socket("a name that is longer than its column", AF_INET, SOCK_DGRAM);
    wide.bind(LOOPBACK, choosePort("wide"));
    socket("→".repeat(12), AF_INET, SOCK_STREAM);
    const path = socket("path", AF_UNIX, SOCK_STREAM);
    path.bind("\0workshop: longer than its column");
    await streamPair();
    const lines = await printed(handles);
    expect(lines.length).toBeGreaterThan(7);
    expect(lines.filter((line) => [...line].length > 66)).toEqual([]);
    const numbers = lines.filter((line) => /(LISTEN|ESTABLISHED|STREAM|DGRAM)/.test(line));
    const column = lines[0]!.indexOf("state");
    for (const line of numbers) expect(line.slice(column)).toMatch(/^(LISTEN|ESTABLISHED|STREAM|DGRAM|CLOSE)/);
  });

  test("without handles both say so", async () => {
    expect(await printed(handles)).toEqual(["No handle is open."]);
    expect(await printed(closeAll)).toEqual(["              No handle is open."]);
  });

  test("a handle whose descriptor is gone does not break the table", async () => {
    const handle = socket("gone", AF_UNIX, SOCK_STREAM);
    calls.close(handle.fd);
    const left = socket("left", AF_UNIX, SOCK_STREAM);
    expect((await printed(handles)).slice(1).map((line) => line.split(" ")[0])).toEqual([left.name]);
  });

  test("closeAll closes the newest first and ends every wait", async () => {
    const { server, place } = listening();
    const client = await connected(place);
    const conversation = await server.accept();
    const waits = [server.accept(), client.recv(), conversation.recv()];
    await turn();
    const lines = await printed(closeAll);
    expect(lines.filter((line) => line.includes("close("))).toEqual([
      `server→1      close(${conversation.fd}) = 0`,
      `client        close(${client.fd}) = 0`,
      `server        close(${server.fd}) = 0`,
    ]);
    for (const wait of waits) expect((await rejectionOf(wait)).message).toContain("closeAll() closed it");
  });
});

test("an error's text names the call, the handle, the address and what to do; as a cell's value it has no stack", async () => {
  const client = socket("client", AF_INET, SOCK_STREAM);
  const port = deadPort();
  const error = await rejectionOf(client.connect(LOOPBACK, port));
  const call = `connect(${client.fd}, 127.0.0.1:${port})`;
  expect(error.message).toBe(
    `${call} on "client" = -1 ECONNREFUSED (Connection refused). Nobody listens at that address and port. Run the server's listen() first, and compare the port numbers. man 2 connect`,
  );
  expect(paragraphs(inspect(error).split("\n")).join("\n")).toBe(
    `client        ${call} = -1 ECONNREFUSED (Connection refused)\n              Nobody listens at that address and port. Run the server's listen() first, and compare the port numbers. man 2 connect`,
  );
  expect(error).toMatchObject({ errno: 111, code: "ECONNREFUSED", syscall: "connect", address: LOOPBACK, port });
  const late = await rejectionOf(listening().server.accept({ timeout: 0 }));
  expect(late).toBeInstanceOf(TimeoutError);
  expect(inspect(late)).not.toContain("    at ");
});

test("await using and for await: a handle is closed at the end of its block", async () => {
  const { client, server } = await streamPair();
  await client[Symbol.asyncDispose]();
  expect(client.closed).toBe(true);
  await client[Symbol.asyncDispose]();
  expect((await server.recv()).byteLength).toBe(0);
});

test("options set by number are the learner's too", () => {
  const handle = socket("server", AF_INET, SOCK_STREAM);
  calls.setsockopt(handle.fd, SOL_SOCKET, SO_REUSEADDR, 1);
  expect(handle.getsockopt(SO_REUSEADDR)).toBe(1);
});

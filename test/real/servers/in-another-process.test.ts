import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  AF_INET,
  closeAll,
  type Handle,
  handles,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  sockets,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../../support/captured.js";
import { runScript } from "../../support/child.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { freshPath, KINDS, removePaths } from "../../support/kinds.js";
import { rejectionOf } from "../../support/outcome.js";
import { connected } from "../../support/pairs.js";
import { EACH_THROWN, THROWN } from "../../support/thrown.js";
import { PATIENCE_MS } from "../../support/time.js";

guardDescriptors();
removePaths();

let lab: OtherProcess;
beforeEach(async () => {
  lab = await otherProcess("lab");
});
afterEach(async () => {
  await lab.stop();
  closeAll();
});

const echoes = async (conversation: Handle): Promise<void> => {
  for await (const data of conversation) {
    if (String(data) === "bad") throw new Error("what is that?");
    await conversation.sendAll(data);
  }
};

async function ask(port: number | undefined, text: string): Promise<string> {
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, port!);
  await client.sendAll(text);
  const answer = String(await client.recv());
  client.close();
  return answer;
}

/** The function of a cell of our kernel, or of tslab's own: the names of the notebook are properties of a table. */
const inCell = (table: string, body: string): ((conversation: Handle) => unknown) =>
  new Function(table, `return async (conversation) => { ${body} };`)({}) as (conversation: Handle) => unknown;

describe("a server in another process", () => {
  test("answers from there, is counted, and stops", async () => {
    trace.clear();
    const server = await lab.serve("echo", {}, echoes);
    expect([server.name, server.address, server.pid, server.state]).toEqual(["echo", LOOPBACK, lab.pid, "listening"]);
    expect(server.pid).not.toBe(process.pid);
    expect(await ask(server.port, "hello")).toBe("hello");
    expect(await ask(server.port, "bad")).toBe("");
    await expect.poll(() => [server.served, server.failed, server.clients]).toEqual([1, 1, 0]);
    expect(server.lastError).toMatchObject({ message: "what is that?" });
    expect(String(server)).toBe(
      `echo: listens on 127.0.0.1:${server.port}; 0 clients now, 1 served, 1 failed (the last error: what is that?) (process ${lab.pid}, lab)`,
    );
    const made = trace.steps().filter(({ pid, handle }) => pid === lab.pid && handle.startsWith("echo"));
    expect(new Set(made.map(({ name }) => name))).toEqual(
      new Set(["socket", "bind", "listen", "accept", "recv", "send", "close"]),
    );
    await server.stop();
    expect(server.state).toBe("stopped");
    await expect(ask(server.port, "late")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.stop();
  });

  test("started again it has the same port, and its conversations are closed", async () => {
    const first = await lab.serve("echo", {}, echoes);
    const client = socket("still there", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, first.port!);
    await client.sendAll("x");
    expect(String(await client.recv())).toBe("x");
    const second = await lab.serve("echo", {}, echoes);
    expect(second.port).toBe(first.port);
    expect((await client.recv()).byteLength).toBe(0);
    expect(await ask(second.port, "again")).toBe("again");
    await expect.poll(() => first.state).toBe("stopped");
  });

  test.each(["notebook", "notebook2", "exports"])(
    "a function of a cell finds the helpers, written as %s",
    async (table) => {
      const body = `await conversation.recv(); await conversation.sendAll(${table}.LOOPBACK + require("node:path").sep); conversation.close();`;
      const server = await lab.serve("echo", {}, inCell(table, body));
      expect(await ask(server.port, "?")).toBe("127.0.0.1/");
    },
  );

  test.each(["notebook", "exports"])(
    "one that uses a variable of the notebook is refused at once: %s",
    async (table) => {
      const error = await rejectionOf(lab.serve("echo", {}, inCell(table, `await conversation.send(${table}.PORT);`)));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(
        `The function runs in process ${lab.pid} (lab), where "PORT" does not exist: it has the helpers, but no variable of the notebook. Write the value into the function, or declare "PORT" inside it; a module of Node is const PORT = require("PORT").`,
      );
    },
  );

  test("in a plain program, that is the error of the conversation", async () => {
    const mine = "mine";
    const server = await lab.serve("echo", {}, async (conversation) => {
      await conversation.recv();
      await conversation.sendAll(mine);
    });
    expect(await ask(server.port, "?")).toBe("");
    await expect.poll(() => String(server.lastError)).toContain('where "mine" does not exist');
  });

  test("a method is a function, too; what has no text is refused, and so are wrong options", async () => {
    const object = {
      async answer(conversation: Handle) {
        await conversation.recv();
        await conversation.sendAll("method");
      },
    };
    const server = await lab.serve("echo", {}, object.answer);
    expect(await ask(server.port, "?")).toBe("method");
    for (const none of [echoes.bind(undefined), Math.max])
      expect((await rejectionOf(lab.serve("echo", {}, none as never))).message).toContain("this one has none");
    expect(await rejectionOf(lab.serve("echo", {}, 5 as never))).toBeInstanceOf(TypeError);
    expect(await rejectionOf(lab.serve("echo", { port: -1 }, echoes))).toBeInstanceOf(RangeError);
    expect(await rejectionOf(server.stop({ within: -1 }))).toBeInstanceOf(RangeError);
  });

  test("whatever its function throws, the process goes on, and tells of it", async () => {
    const server = await lab.serve(
      "echo",
      {},
      new Function(
        "conversation",
        `return conversation.recv().then((text) => { throw eval(${JSON.stringify(THROWN)}[text]); });`,
      ) as (conversation: Handle) => unknown,
    );
    for (const [at, name] of EACH_THROWN.entries()) {
      expect(await ask(server.port, name), name).toBe("");
      await expect.poll(() => server.failed, { message: name }).toBe(at + 1);
      expect(server.lastError, name).toBeInstanceOf(Error);
      expect(String(server).length, name).toBeLessThan(800);
    }
    expect([lab.running, server.state, server.clients]).toEqual([true, "listening", 0]);
  });

  test("its options are those of serve: a path, datagrams, how many at once, whether its calls are printed", async () => {
    const path = freshPath();
    const local = await lab.serve("local", { address: path, most: 1 }, echoes);
    expect([local.address, local.port]).toEqual([path, undefined]);
    const [first, second] = await Promise.all(
      ["first", "second"].map((name) => connected([path], KINDS.AF_UNIX!, name)),
    );
    for (const one of [first!, second!]) await one.sendAll("hello");
    expect(String(await first!.recvExactly(5))).toBe("hello");
    await expect.poll(() => local.clients).toBe(1);
    first!.close();
    expect(String(await second!.recvExactly(5))).toBe("hello");

    const lines = await printed(async () => {
      const box = await lab.serve("box", { type: SOCK_DGRAM, print: true }, async (mailbox) => {
        for (;;) {
          const { data, from } = await mailbox.recvfrom();
          await mailbox.sendto(data, from.address, from.port);
        }
      });
      const asker = socket("asker", AF_INET, SOCK_DGRAM);
      await asker.sendto("hello", LOOPBACK, box.port);
      expect(String(await asker.recv())).toBe("hello");
      expect(String(box)).toBe(`box: listens on 127.0.0.1:${box.port} (process ${lab.pid}, lab)`);
      const again = await lab.serve("box", { type: SOCK_DGRAM, port: box.port! }, () => {});
      await expect.poll(() => [box.state, again.state]).toEqual(["stopped", "stopped"]);
    }, "short");
    expect(lines.filter((line) => /^box +recvfrom\(/.test(line)).length).toBeGreaterThan(0);
    expect(lines.filter((line) => /^local/.test(line))).toEqual([]);
  });

  test("stop() lets conversations end there, within the time that it is given", async () => {
    const server = await lab.serve("server", {}, async (conversation) => {
      for await (const data of conversation) {
        await conversation.sendAll(data);
        if (String(data) === "for ever") await new Promise(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      await conversation.sendAll("bye");
    });
    const client = await connected([LOOPBACK, server.port], KINDS.AF_INET!);
    await client.sendAll("hello");
    expect(String(await client.recvExactly(5))).toBe("hello");
    const stopping = server.stop({ within: PATIENCE_MS });
    expect(String(await client.recvExactly(3))).toBe("bye");
    await stopping;
    expect([server.state, server.served, server.clients]).toEqual(["stopped", 1, 0]);

    const stays = await lab.serve("stays", {}, async (conversation) => {
      await conversation.sendAll("here");
      await new Promise(() => {});
    });
    const one = await connected([LOOPBACK, stays.port], KINDS.AF_INET!, "one");
    expect(String(await one.recvExactly(4))).toBe("here");
    await stays.stop({ within: 20 });
    expect([(await one.recv()).byteLength, stays.state]).toEqual([0, "stopped"]);
  });

  test("that its process has crashed is told, and by the server, too", async () => {
    const server = await lab.serve("echo", {}, echoes);
    const lines = await printed(async () => {
      await lab.kill();
      await expect.poll(() => server.state).toBe("stopped");
    }, "short");
    expect(lines.join("\n")).toContain("was ended by SIGKILL");
    expect(String(server)).toContain("echo: was ended with its process, which was ended by SIGKILL, and listened on");
    await server.stop();
    expect(await rejectionOf(lab.serve("echo", {}, echoes))).toMatchObject({ name: "ProcessError" });
  });

  test("its sockets are handles of that process: in the tables, in its words, and when it is killed", async () => {
    const server = await lab.serve(
      "echo",
      {},
      new Function(
        "conversation",
        `socket("upstream", AF_INET, SOCK_DGRAM).bind(LOOPBACK, 0);
        calls.bind(calls.socket(AF_INET, SOCK_STREAM, 0), { family: "AF_INET", address: LOOPBACK, port: 0 });
        return new Promise(() => {});`,
      ) as (conversation: Handle) => unknown,
    );
    const client = await connected([LOOPBACK, server.port], KINDS.AF_INET!);
    const names = ["echo", "echo→1", "upstream"];
    await expect.poll(() => server.clients).toBe(1);
    for (const name of names) expect(String(lab)).toContain(`"${name}"`);
    for (const shown of [sockets, handles]) {
      const lines = await printed(shown);
      for (const name of names) expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
      expect(lines.join("\n")).toContain(`in lab, pid ${lab.pid}`.replace(shown === sockets ? "in " : "none", ""));
      expect(lines.join("\n")).not.toContain("not of this notebook");
    }
    expect(
      await rejectionOf((async () => socket("taker", AF_INET, SOCK_STREAM).bind(LOOPBACK, server.port))()),
    ).toMatchObject({
      code: "EADDRINUSE",
      advice: expect.stringContaining('taken by "echo", a handle of your other process "lab"'),
    });
    const lines = await printed(() => lab.kill());
    for (const name of names) expect(lines.join(" ")).toContain(`"${name}"`);
    client.close();
  });

  test("of many clients it names some, and counts the others; those that have gone are told no more", async () => {
    const server = await lab.serve("echo", {}, echoes);
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, at) => connected([LOOPBACK, server.port], KINDS.AF_INET!, `client ${at}`)),
    );
    await expect.poll(() => server.clients).toBe(30);
    expect(String(lab)).toMatch(/running, "echo", "echo→1", .*"echo→19" and 11 more$/);
    for (const client of clients.slice(1)) client.close();
    await expect.poll(() => String(lab)).toMatch(/running, "echo", "echo→\d+"$/);
    await server.stop();
    await expect.poll(() => String(lab)).toMatch(/no open handles$/);
  });

  test.each<[string, () => unknown]>([
    ["closeAll()", closeAll],
    ["kill()", () => lab.kill()],
    [
      "the name is used again while it stands still",
      async () => {
        await lab.kill("SIGSTOP");
        lab = await otherProcess("lab");
      },
    ],
  ])("its path is free again when its process was ended, and could not remove the file: %s", async (_, end) => {
    const [path, other] = [freshPath(), freshPath()];
    await lab.serve("echo", { address: path }, echoes);
    await lab.serve("other", { address: other }, echoes);
    // Somebody else's by now.
    rmSync(other);
    writeFileSync(other, "mine");
    const lines = await printed(end);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(other, "utf8")).toBe("mine");
    expect(paragraphs(lines)).toContainEqual(
      expect.stringMatching(
        new RegExp(`^ +The end of the process left a socket's file behind: ${path} is removed\\.$`),
      ),
    );
    expect(lines.join("\n")).not.toContain(other);
    if (!lab.running) lab = await otherProcess("lab");
    const again = await lab.serve("echo", { address: path }, echoes);
    expect(again.state).toBe("listening");
    rmSync(other);
  });

  test.each([
    ["ends", ""],
    ["exits", "process.exit(0);"],
    ["throws", 'throw new Error("mine");'],
    ["exits while the other one stands still", 'await lab.kill("SIGSTOP"); process.exit(0);'],
  ])("its path is free again when the notebook %s", async (_, end) => {
    const path = freshPath();
    const { stdout } = await runScript(
      `const lab = await sockets.otherProcess("lab");
      await lab.serve("echo", { address: ${JSON.stringify(path)} }, async () => {});
      console.log(require("node:fs").existsSync(${JSON.stringify(path)}));
      ${end}`,
    );
    expect(stdout).toBe("true\n");
    expect(existsSync(path)).toBe(false);
  });
});

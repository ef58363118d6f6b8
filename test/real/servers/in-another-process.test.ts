import {
  AF_INET,
  closeAll,
  type Handle,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printed } from "../../support/captured.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { rejectionOf } from "../../support/outcome.js";

guardDescriptors();

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
});

import { AF_INET, LOOPBACK, SOCK_DGRAM, SOCK_STREAM, socket } from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { run, wrapped } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { listening } from "../support/pairs.js";

guardDescriptors();

/** Runs a script in a mount namespace in which /proc is empty. The sockets there are those of the machine. */
async function withoutProc(script: string): Promise<string[]> {
  const program = wrapped(`const { handles, ladder, sockets: table, states } = sockets; ${script}`);
  const inside = 'mount -t tmpfs none /proc && exec "$0" -e "$1"';
  const { stdout, stderr, code } = await run("unshare", [
    ...["--user", "--map-root-user", "--mount", "--", "sh", "-c"],
    ...[inside, process.execPath, program],
  ]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout.trimEnd().split("\n");
}

describe("where the system has no /proc", () => {
  test.each([
    ["STREAM", SOCK_STREAM],
    ["DGRAM", SOCK_DGRAM],
  ])("who has a port is not claimed: SOCK_%s", async (name, type) => {
    let port = listening().place[1]!;
    if (type === SOCK_DGRAM) {
      const box = socket("box", AF_INET, SOCK_DGRAM);
      box.bind(LOOPBACK, 0);
      port = box.getsockname().port;
    }
    const [advice] = await withoutProc(`
      const rival = socket("rival", AF_INET, SOCK_${name});
      try { rival.bind(LOOPBACK, ${port}); } catch (error) { console.log(error.advice); }`);
    expect(advice).toBe(
      `Port ${port} is taken by another process, by a descriptor of yours without a handle, or (TCP) by a closed connection in TIME_WAIT: the system does not show which. Choose another port.`,
    );
  });

  test("the tables and pictures show what the sockets themselves say", async () => {
    const lines = await withoutProc(`
      const server = socket("server", AF_INET, SOCK_STREAM);
      server.bind(LOOPBACK, 0);
      server.listen(5);
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, server.getsockname().port);
      for (const show of [handles, table, ladder, () => states(client)]) { show(); console.log("--"); }`);
    const [listed, table, drawn, way] = lines.join("\n").split("\n--");
    for (const text of [listed, table]) {
      expect(text).toMatch(/server .*LISTEN/);
      expect(text).toMatch(/client .*ESTABLISHED/);
      expect(text).toContain("1 of 5");
    }
    expect(drawn).toContain("client is now ESTABLISHED");
    expect(way).toContain("ESTABLISHED");
  });
});

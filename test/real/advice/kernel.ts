import { expect } from "vitest";
import { type Kernel, withKernel } from "../../support/jupyter/index.js";
import type { Entry } from "./entry.js";

/* What a cell that is run again is told, in a real kernel. */

const IMPORT = `import { socket, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
const PORT = choosePort();`;

export const kernelEntries: Entry[] = [
  {
    says: ["bindAgain", "connectAgain", "stillWaits", "noNewClient", "nothingNew"],
    make: () =>
      withKernel({ spec: "ours" }, async (kernel) => {
        let told = "";
        const run = async (code: string, times = 1) => {
          let last = "";
          for (let i = 0; i < times; i++) {
            const cell = await kernel.execute(code);
            expect(cell.status, cell.errors.map(({ evalue }) => evalue).join()).toBe("ok");
            last = cell.stdout;
          }
          told += last;
          return last;
        };
        await run(IMPORT);
        await run('const server = socket("server", AF_INET, SOCK_STREAM);');
        await run("server.bind(LOOPBACK, PORT);", 2);
        await run("server.listen();");
        await run('const client = socket("client", AF_INET, SOCK_STREAM);');
        await run("await client.connect(LOOPBACK, PORT);", 2);
        await run("const line = await server.accept();", 2);
        await run('await client.send("once");');
        await run("const heard = await line.recv();", 2);
        await run('await client.sendmsg({ data: "header" });');
        await run("const header = await line.recvExactly(6);", 2);
        await run('await client.sendmsg({ data: "message" });');
        await run("const message = await line.recvmsg();", 2);
        await run("const all = line.recvExactly(3);", 2);
        await run('await client.send("all");');
        expect(await run("console.log(String(header), String(message.data), String(await all));")).toContain(
          "header message all",
        );
        await run("const waiting = client.recv();", 2);
        // Everything is as before: bound, connected, accepted, received, and still waiting.
        expect(await run("console.log(server.getsockname().port === PORT, String(heard), line.closed);")).toContain(
          "true once false",
        );
        await run('await line.send("at last");');
        expect(await run("console.log(String(await waiting));")).toContain("at last");
        return told;
      }),
  },
  {
    says: ["moreLines"],
    make: () => withKernel({ spec: "ours" }, (kernel) => manyLines(kernel)),
  },
  {
    says: ["linesNotPrinted"],
    make: () => withKernel({ spec: "stock" }, (kernel) => manyLines(kernel)),
  },
];

/** Runs a loop with more lines than a cell prints, and follows what is said then. */
async function manyLines(kernel: Kernel): Promise<string> {
  const loop = 'for (let i = 0; i < 6000; i++) await box.sendto("x", LOOPBACK, choosePort("box"));';
  const run = async (code: string): Promise<string> => {
    const cell = await kernel.execute(code);
    expect(cell.status, cell.errors.map(({ evalue }) => evalue).join()).toBe("ok");
    return cell.stdout + cell.displays.map((data) => data["text/html"]).join("");
  };
  await run('import { socket, choosePort, trace, ladder, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";');
  await run('const box = socket("box", AF_INET, SOCK_DGRAM);');
  const said = await run(loop);
  expect(said.match(/^box {11}sendto/gm)).toHaveLength(300);
  expect(await run("console.log(trace.steps().length);")).toBe("5000\n");
  expect((await run("ladder();")).match(/box: send/g)).toHaveLength(200);
  expect(await run(`await trace.silently(async () => { ${loop} });`)).toBe("");
  return said;
}

import { expect } from "vitest";
import { withKernel } from "../../support/jupyter/index.js";
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
];

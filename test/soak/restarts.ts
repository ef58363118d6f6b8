import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { PATIENCE_MS } from "../support/time.js";

/** How a kernel ends before the next one starts: asked to, as the restart button does, or as the out-of-memory killer does it. */
export type Restart = "polite" | "SIGKILL";

const SERVE = (port: string) => `import { choosePort, serve } from "kernel-helpers";
const echo = await serve("echo", { port: ${port} }, async (conversation) => {
  for await (const data of conversation) await conversation.sendAll(data);
});
console.log(echo.port);`;

/** Says something, and must hear the same. */
async function ask(client: Socket, text: string): Promise<void> {
  client.write(text);
  let got = "";
  while (got.length < text.length) {
    const [data] = await once(client, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    got += data;
  }
  if (got !== text) throw new Error(`${JSON.stringify(got)} instead of ${JSON.stringify(text)}`);
}

/**
 * Kernels, one after the other, whose notebook serves on one and the same port; each has a client of this process, which is still connected when the
 * kernel ends, and its predecessor's connections are in every state that they can be left in.
 *
 * @returns how many kernels after the first have served
 */
export async function restarts(count: number, how: Restart, told?: (done: number) => void): Promise<number> {
  const clients: Socket[] = [];
  let kernel: Kernel | undefined;
  let port = 'choosePort("echo")';
  try {
    for (let run = 0; run <= count; run++) {
      kernel = await startKernel({ spec: "ours" });
      const cell = await kernel.execute(SERVE(port));
      if (cell.status !== "ok") throw new Error(`restart ${run}: ${cell.errors.map(({ evalue }) => evalue)}`);
      port = cell.stdout.trim();
      // One that says nothing, one that was answered, one that has said its last word.
      for (const kind of ["silent", "answered", "half closed"]) {
        const client = connect(Number(port), "127.0.0.1").on("error", () => {});
        await once(client, "connect");
        clients.push(client);
        if (kind === "answered") await ask(client, `hello ${run}`);
        if (kind === "half closed") client.end();
      }
      if (how === "polite") {
        const { code } = await kernel.shutdown({ restart: true });
        if (code !== 0) throw new Error(`restart ${run}: exit code ${code}`);
      } else {
        kernel.kill("SIGKILL");
        await kernel.exited;
      }
      await kernel.stop();
      if (run > 0) told?.(run);
    }
    return count;
  } finally {
    await kernel?.stop();
    for (const client of clients) client.destroy();
  }
}

import { constants } from "../../facts/current";
import type { ServeOptions } from "../../servers/options";
import { serve } from "../../servers/serve";
import type { Server } from "../../servers/server";
import { allHelpers } from "../all-helpers";
import type { ServerFacts } from "../messages";
import { packError } from "../pack-error";
import { madeFromText } from "../sent-function";
import { tell } from "./tell";

/** Those that have not ended, by the numbers under which the notebook knows them. */
const servers = new Map<number, Server>();
let count = 0;

function factsOf(server: Server, id: number, accepts: boolean): ServerFacts {
  const { name, address, port, state, clients, served, failed, lastError, why } = server;
  const packed = lastError === undefined ? undefined : packError(lastError);
  return { id, name, address, port, accepts, state, clients, served, failed, lastError: packed, why };
}

/** Starts a server whose function the notebook has sent as text, and tells the notebook of it from then on. */
export async function serveThere(name: string, options: ServeOptions, text: string): Promise<ServerFacts> {
  const title = `process ${process.pid} (${process.argv[2]})`;
  const server = await serve(name, options, madeFromText(text, allHelpers(), title));
  count += 1;
  const id = count;
  servers.set(id, server);
  const facts = (): ServerFacts => factsOf(server, id, options.type !== constants.SOCK_DGRAM);
  let due = false;
  server.whenChanged(() => {
    if (server.state === "stopped" && server.clients === 0) servers.delete(id);
    if (due) return;
    due = true;
    // In one message for all that this turn changes.
    setImmediate(() => {
      due = false;
      tell({ tell: "server", server: facts() });
    });
  });
  return facts();
}

/** Has a server of this process end. */
export async function stopThere(id: number, within: number): Promise<void> {
  await servers.get(id)?.stop({ within });
}

import { UnderWay } from "../readiness/under-way";
import { openServer } from "./open-server";
import { checkedHandler, checkedOptions, type OnConversation, type ServeOptions } from "./options";
import type { Server } from "./server";

/**
 * Starts a server in the background: socket(2), bind(2), listen(2), and then accept(2) for each client, all of them real calls and in the record.
 *
 * `onConversation` is called for each client with the handle of its conversation; when it has ended, the conversation is closed. What fails
 * in it ends this one conversation, and is counted and shown by the server. For datagrams there are no clients to accept: it is called
 * once, with the socket itself. A server of this name that runs already is stopped first, so that the cell can be run again.
 *
 * Manual: man 7 socket, man 2 accept.
 *
 * @param name the name of the listening handle, for example "echo": its conversations are "echo→1", "echo→2", …; 1 to 100 letters
 * @param options `address`, `port` (the system's choice unless told), `type`, `backlog`, `most` (how many conversations at once), `print` (whether its calls are printed)
 * @param onConversation what to do with each client, for example `async (client) => { for await (const data of client) await client.sendAll(data); }`
 * @returns Returns the server, when it listens
 * @throws Errors: SocketError EADDRINUSE (the port is taken), EADDRNOTAVAIL (no address of this machine), EACCES (a port below 1024), EMFILE (no descriptor left); BusyError (1,000 of these are under way: `await` is missing); TypeError and RangeError for what is no name, option or function
 */
export function serve(name: string, options: ServeOptions, onConversation: OnConversation): Promise<Server> {
  return starts.make(async () => openServer(name, checkedOptions(name, options), checkedHandler(onConversation)));
}

const starts = new UnderWay("serve", 1000);

import { apart, currentCell } from "../cells/cell";
import { processWide } from "../cells/process-wide";
import { inSilence } from "../cells/silence";
import { whole } from "../cells/whole";
import { SocketError } from "../errors/socket-error";
import { constants } from "../facts/current";
import type { Handle } from "../handles/handle";
import { socket } from "../handles/socket";
import type { CheckedOptions, OnConversation } from "./options";
import { Server } from "./server";

interface Known {
  /** Until it has ended. */
  server: Server | undefined;
  readonly place: string;
  readonly port: number | undefined;
}

/** The newest server of each name, and where it listened: one that is started again with port 0 has the same port. */
const servers = processWide("servers", () => new Map<string, Known>());

/** Of how many names that is known when their servers have ended. */
const REMEMBERED = 1000;

function remember(name: string, known: Known): void {
  servers.delete(name); // So that it is the last one.
  servers.set(name, known);
  if (servers.size <= REMEMBERED) return;
  for (const [old, { server }] of servers) {
    if (server !== undefined) continue;
    servers.delete(old);
    return;
  }
}

processWide("servers go on after a loss", () => {
  currentCell()?.afterLoss?.((since, until) => {
    for (const { server } of servers.values()) server?.goOn(since, until);
  });
  return true;
});

/** Stops the server of this name, makes the listening socket, and starts to accept. */
export function openServer(name: string, options: CheckedOptions, onConversation: OnConversation): Server {
  return whole(() => inSilence(!options.print, () => openNamed(name, options, onConversation)));
}

function openNamed(name: string, options: CheckedOptions, onConversation: OnConversation): Server {
  // Closes the old one with its conversations: the handle of its name is opened anew.
  const handle = socket(name, options.family, options.type);
  const before = servers.get(handle.name);
  const place = `${options.family} ${options.type} ${options.address}`;
  try {
    bind(handle, options, before?.place === place ? before.port : undefined);
    if (options.type === constants.SOCK_STREAM) handle.listen(options.backlog);
  } catch (error) {
    handle.close();
    throw error;
  }
  // When it cannot be started, the old one was just closed.
  before?.server?.replaced();
  return apart(() => {
    const server = new Server(handle, options, onConversation);
    const known: Known = { server, place, port: server.port };
    remember(handle.name, known);
    server.start(() => {
      known.server = undefined;
    });
    return server;
  });
}

/** @param before the port that the server of this name had */
function bind(handle: Handle, { family, address, port }: CheckedOptions, before = 0): void {
  if (family === constants.AF_UNIX) {
    handle.bind(address);
    return;
  }
  try {
    handle.bind(address, port === 0 ? before : port);
  } catch (error) {
    // Somebody else has it by now.
    if (port !== 0 || !(error instanceof SocketError) || error.code !== "EADDRINUSE") throw error;
    handle.bind(address, 0);
  }
}

import { fields, shown } from "../bytes/arguments";
import { cleanName } from "../bytes/clean";
import * as calls from "../calls";
import { whole } from "../cells";
import { SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants } from "../facts";
import { reactor } from "../readiness";
import { beginStep, cancelStep, during, endStep } from "../trace";
import { explain } from "./explain";
import { Handle } from "./handle";
import { NamedSocket } from "./named-socket";
import { makeNonBlocking, nonBlocking } from "./non-blocking";
import { closeName } from "./registry";

/** How a socket is made. */
export interface SocketOptions {
  /** The protocol, a C int, for example IPPROTO_UDP; 0 (the default) is the only one of its type. */
  protocol?: number;
}

/**
 * socket(2): creates a socket, and a handle for it in the background.
 *
 * A name that is open already is closed first, with everything that it accepted: so a cell can be run again. The socket is non-blocking,
 * and a call that has to wait is awaited instead: the kernel never stands still.
 *
 * Manual: man 2 socket.
 *
 * @param name the handle's name: its lane in the pictures, for example "server"; 1 to 100 letters
 * @param family AF_INET (IPv4), AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM (a connection, in order and complete) or SOCK_DGRAM (single messages)
 * @param options `protocol` for example IPPROTO_UDP; 0 (the only one of its type) by default
 * @returns Returns the handle
 * @throws Errors: SocketError EAFNOSUPPORT (no such family), EINVAL (no such type), EPROTONOSUPPORT (no such protocol), EMFILE (no descriptor left); TypeError and RangeError for what is no name or no C int
 * @side Side: both, each its own
 * @state State: none → CLOSE, without an address
 */
export function socket(name: string, family: number, type: number, options: SocketOptions = {}): Handle {
  return whole(() => socketNamed(checkedName(name), family, type, options));
}

function socketNamed(name: string, family: number, type: number, options: SocketOptions): Handle {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`The options are an object such as { protocol: IPPROTO_UDP }, not ${shown(options)}.`);
  const { protocol = 0 } = fields("The options", options, ["protocol"]);
  for (const [what, number] of Object.entries({ family, type, protocol })) calls.int(what, number);
  closeName(name, SENTENCES.openedAnew(name));
  // A process that runs out of descriptors while the thread is still starting would be left without it.
  reactor().poller.started();
  const step = beginStep(name, "socket");
  let fd: number;
  try {
    fd = during(step, () => makeNonBlocking(calls.socket(family, nonBlocking(type), protocol)));
  } catch (error) {
    if (error instanceof SocketError) {
      error.handle = name;
      endStep(step, { error: error.code, errno: error.errno });
      explain(error, new NamedSocket(name, family, type, protocol, -1));
    } else cancelStep(step);
    throw error;
  }
  const plain = type & ~(constants.SOCK_CLOEXEC | constants.SOCK_NONBLOCK);
  const handle = new Handle(new NamedSocket(name, family, plain, protocol, fd));
  endStep(step, { result: fd });
  return handle;
}

/** The name as every line, picture and error shows it: a control character in it is written as its number. */
function checkedName(name: unknown): string {
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(
      `The first argument is the handle's name, for example socket("server", AF_INET, SOCK_STREAM), not ${shown(name)}.`,
    );
  }
  return cleanName(name);
}

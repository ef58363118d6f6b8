import { types } from "node:util";
import { fields, isCallable, shown } from "../bytes/arguments";
import { sockaddr } from "../calls/address";
import { int } from "../calls/arguments";
import { constants } from "../facts/current";
import { addressFor, LOOPBACK } from "../handles/end-point";
import type { Handle } from "../handles/handle";

/** Where a server listens, and how. */
export interface ServeOptions {
  /** An address of this machine, for example LOOPBACK (the default), LOOPBACK6, or "0.0.0.0" for all of them; or a path, for a Unix-domain socket. */
  address?: string;
  /** 0 to 65535; 0 (the default) lets the system choose: then the same server, started again, has the same port. None with a path. */
  port?: number;
  /** SOCK_STREAM (the default), or SOCK_DGRAM for datagrams. */
  type?: number;
  /** How many connections may wait in the queue, a C int; 4096 by default (Linux allows no more than /proc/sys/net/core/somaxconn says). */
  backlog?: number;
  /** How many conversations there may be at once, 1 or more: the next client waits in the queue until one of them ends. No limit by default. */
  most?: number;
  /** Whether the server's calls are printed as well: they are in the record in any case. No, by default. */
  print?: boolean;
}

/** The options, complete and checked. */
export interface CheckedOptions extends Required<ServeOptions> {
  readonly family: number;
}

/** What a server does with each client: it gets a handle for the conversation, and may take as long as it likes. */
export type OnConversation = (conversation: Handle) => unknown;

const EXAMPLE = 'serve("echo", { address: LOOPBACK, port: 0 }, async (conversation) => { … })';
const NAMES: readonly (keyof ServeOptions)[] = ["address", "port", "type", "backlog", "most", "print"];

/** @throws TypeError for what is no function */
export function checkedHandler(handler: unknown): OnConversation {
  const wrong = whatIsWrong(handler);
  if (wrong === undefined) return handler as OnConversation;
  throw new TypeError(
    `The last argument is a function that is called for each client: ${EXAMPLE}. It cannot be ${wrong}.`,
  );
}

function whatIsWrong(handler: unknown): string | undefined {
  if (typeof handler !== "function") return shown(handler);
  if (types.isGeneratorFunction(handler)) return "a generator (function*): a call of it runs nothing";
  return isCallable(handler) ? undefined : "a function that does not let itself be called";
}

/**
 * Everything is looked at before the server that has the name is stopped.
 *
 * @throws TypeError and RangeError for what is no option
 */
export function checkedOptions(name: string, options: unknown): CheckedOptions {
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      `The second argument is an object such as { address: LOOPBACK, port: 0 }, not ${shown(options)}.`,
    );
  const given = fields("The second argument", options as { [name in keyof ServeOptions]: unknown }, NAMES);
  const unknown = namesIn(options).find((key) => !NAMES.includes(key as keyof ServeOptions));
  if (unknown !== undefined)
    throw new TypeError(`There is no option ${shown(unknown)}: the options are ${NAMES.join(", ")}.`);
  const {
    address = LOOPBACK,
    port = 0,
    type = constants.SOCK_STREAM,
    backlog = 4096,
    most = Number.POSITIVE_INFINITY,
    print = false,
  } = given;
  if (typeof address !== "string")
    throw new TypeError(`address is an address such as LOOPBACK, or a path, not ${shown(address)}.`);
  if (type !== constants.SOCK_STREAM && type !== constants.SOCK_DGRAM)
    throw new RangeError(`type is SOCK_STREAM or SOCK_DGRAM, not ${shown(type)}.`);
  if (typeof most !== "number") throw new TypeError(`most is a number of conversations, not ${shown(most)}.`);
  if (!(most >= 1) || (Number.isFinite(most) && !Number.isInteger(most)))
    throw new RangeError(`most is how many conversations there may be at once, 1 or more, not ${most}.`);
  if (typeof print !== "boolean") throw new TypeError(`print is true or false, not ${shown(print)}.`);
  const family = familyOf(address);
  if (family === constants.AF_UNIX && given.port !== undefined)
    throw new TypeError(`A Unix-domain socket has no port: leave out \`port\` beside the path ${shown(address)}.`);
  sockaddr(addressFor({ name, family }, address, family === constants.AF_UNIX ? undefined : (port as number)));
  return { address, port: port as number, type, backlog: int("backlog", backlog), most, print, family };
}

/** A path has a slash, and an abstract name begins with a zero byte; an IPv6 address has a colon. */
function familyOf(address: string): number {
  if (address.includes("/") || address.startsWith("\0")) return constants.AF_UNIX;
  return address.includes(":") ? constants.AF_INET6 : constants.AF_INET;
}

/** The names of an object's own fields. One that does not let itself be asked has none: its options were read already. */
function namesIn(options: object): string[] {
  try {
    return Object.keys(options);
  } catch {
    return [];
  }
}

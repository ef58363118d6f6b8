import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { fields, shown } from "../bytes/arguments";
import { getsockopt, setsockopt } from "../calls";
import { constants, OPTIONS, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO } from "../facts";
import type { OptionInput, SocketOption } from "../facts/option";
import type { NamedSocket } from "./named-socket";

/**
 * The option as it is known here, found by its name: it can come from another process.
 *
 * @throws TypeError for what is none of the option constants: a number says nothing of how its value lies in memory
 */
export function knownOption<Value>(option: SocketOption<Value>): SocketOption<Value> {
  const name = typeof option === "object" && option !== null ? fields("The option", option, ["name"]).name : undefined;
  const known = OPTIONS.find((other) => other.name === name);
  if (known !== undefined) return known as SocketOption<Value>;
  throw new TypeError(
    `The option is one of the constants, for example SO_RCVBUF or TCP_NODELAY, not ${shown(option)}. An option without a constant is reached by its number with calls.getsockopt and calls.setsockopt.`,
  );
}

/** getsockopt(2) on a handle. */
export function getOption<Value>(sock: NamedSocket, option: SocketOption<Value>): Value {
  const known = knownOption(option);
  const bytes = sock.now("getsockopt", () => getsockopt(sock.fd, known.level, known, roomFor(known)));
  return decodeOptionValue(known, bytes);
}

/** setsockopt(2) on a handle. */
export function setOption<Value>(sock: NamedSocket, option: SocketOption<Value>, value: OptionInput<Value>): void {
  const known = knownOption(option);
  const bytes = encodeOptionValue(known, value);
  sock.now("setsockopt", () => {
    setsockopt(sock.fd, known.level, known, bytes);
    note(sock, known, bytes);
  });
}

/** What the handle itself has to know of its options. */
function note(sock: NamedSocket, option: SocketOption<unknown>, bytes: Uint8Array): void {
  if (option.level !== constants.SOL_SOCKET) return;
  if (option.number === SO_REUSEADDR.number) sock.reuseIsSet = true;
  // The socket does not block, so the system itself never waits for so long: the handle does, and asks again then. (See timeLimit.)
  if (option.number === SO_RCVTIMEO.number) sock.timeouts.in = decodeOptionValue(SO_RCVTIMEO, bytes);
  if (option.number === SO_SNDTIMEO.number) sock.timeouts.out = decodeOptionValue(SO_SNDTIMEO, bytes);
}

function roomFor({ kind }: SocketOption<unknown>): number {
  // A filter has any number of instructions; more than 512 there is no room for.
  if (kind === "bytes") return 4096;
  return kind === "tcp_info" || kind === "text" ? 256 : 16;
}

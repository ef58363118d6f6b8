import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { getsockopt, setsockopt } from "../calls";
import { constants, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO } from "../facts";
import type { OptionInput, SocketOption } from "../facts/option";
import type { NamedSocket } from "./named-socket";

/** @throws TypeError for what is not one of the option constants */
function mustBeOption(name: string, value: unknown): void {
  if (typeof value === "object" && value !== null && "level" in value && "kind" in value) return;
  throw new TypeError(
    `${name} takes an option such as SO_RCVBUF first, not ${String(value)}. For numbers use calls.${name}.`,
  );
}

/** getsockopt(2) on a handle. */
export function getOption<Value>(sock: NamedSocket, option: SocketOption<Value>): Value {
  mustBeOption("getsockopt", option);
  const bytes = sock.now("getsockopt", () => getsockopt(sock.fd, option.level, option, roomFor(option)));
  return decodeOptionValue(option, bytes);
}

/** setsockopt(2) on a handle. */
export function setOption<Value>(sock: NamedSocket, option: SocketOption<Value>, value: OptionInput<Value>): void {
  mustBeOption("setsockopt", option);
  const bytes = encodeOptionValue(option, value);
  sock.now("setsockopt", () => {
    setsockopt(sock.fd, option.level, option, bytes);
    note(sock, option, bytes);
  });
}

/** What the handle itself has to know of its options. */
function note(sock: NamedSocket, option: SocketOption<unknown>, bytes: Uint8Array): void {
  if (option.level !== constants.SOL_SOCKET) return;
  if (option.number === SO_REUSEADDR.number) sock.reuseIsSet = true;
  // The socket does not block, so the system itself never waits for so long: the handle does.
  if (option.number === SO_RCVTIMEO.number) sock.timeouts.in = decodeOptionValue(SO_RCVTIMEO, bytes);
  if (option.number === SO_SNDTIMEO.number) sock.timeouts.out = decodeOptionValue(SO_SNDTIMEO, bytes);
}

function roomFor({ kind }: SocketOption<unknown>): number {
  return kind === "tcp_info" || kind === "bytes" || kind === "text" ? 256 : 16;
}

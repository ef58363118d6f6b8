import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { getsockopt, setsockopt } from "../calls";
import { constants, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO } from "../facts";
import type { OptionInput, SocketOption } from "../facts/option";
import type { NamedSocket } from "./named-socket";

/** getsockopt(2) on a handle. */
export function getOption<Value>(sock: NamedSocket, option: SocketOption<Value>): Value {
  const bytes = sock.now("getsockopt", () => getsockopt(sock.fd, option.level, option, roomFor(option)));
  return decodeOptionValue(option, bytes);
}

/** setsockopt(2) on a handle. */
export function setOption<Value>(sock: NamedSocket, option: SocketOption<Value>, value: OptionInput<Value>): void {
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

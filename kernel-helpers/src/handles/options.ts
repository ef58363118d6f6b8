import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { getsockopt, setsockopt } from "../calls";
import { SO_REUSEADDR } from "../facts";
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
  sock.now("setsockopt", () => setsockopt(sock.fd, option.level, option, bytes));
  if (option.number === SO_REUSEADDR.number && option.level === SO_REUSEADDR.level) sock.reuseIsSet = true;
}

function roomFor({ kind }: SocketOption<unknown>): number {
  return kind === "tcp_info" || kind === "bytes" || kind === "text" ? 256 : 16;
}

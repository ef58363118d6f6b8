import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { getsockopt, setsockopt } from "../calls";
import { SO_REUSEADDR } from "../facts";
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
  sock.now("setsockopt", () => setsockopt(sock.fd, option.level, option, bytes));
  if (option.number === SO_REUSEADDR.number && option.level === SO_REUSEADDR.level) sock.reuseIsSet = true;
}

function roomFor({ kind }: SocketOption<unknown>): number {
  return kind === "tcp_info" || kind === "bytes" || kind === "text" ? 256 : 16;
}

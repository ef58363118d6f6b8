import { decodeSockaddr, formatSockaddr, quoteBytes, quoteText, type SocketAddress } from "../bytes";
import { constants, flagNames } from "../facts";
import { bytesOfPreview } from "./arguments";
import type { EpollEvent } from "./epoll-event";

/*
 * Words that several calls share, short and in strace's form.
 */

/** How many bytes of a payload a line shows, as strace does by default. */
const STRING = 32;
/** How many members of an array a line shows, as strace does by default. */
export const MEMBERS = 32;
/** strace prints where in memory the buffer of a failed call is; the number means nothing to a reader. */
export const SOMEWHERE = "0x…";

/** A payload in quotes, as strace prints it: what is left of it in the record, with dots after it when there was more. */
export function quoted(data: string, length: number): string {
  return quoteBytes(bytesOfPreview(data), STRING, length);
}

/** The same for a short line: what is UTF-8 is text. */
export function quotedText(data: string, length: number): string {
  return quoteText(bytesOfPreview(data), STRING, length);
}

/** What was received, as a line shows it. */
export function received(
  call: { data?: string | undefined; length: number },
  result: number,
  written = quoted,
): string | undefined {
  return call.data === undefined ? undefined : written(call.data, Math.min(result, call.length));
}

/** The first bytes of what was received, for pictures; `result` is missing when the call has not succeeded. */
export function receivedBytes(
  { data, untouched }: { data?: string | undefined; untouched?: true },
  result: number | undefined,
): Uint8Array | undefined {
  return result === undefined || untouched || data === undefined ? undefined : bytesOfPreview(data);
}

/** The flags of send and recv that the learner chose; undefined for none. */
export function chosenFlags(flags: number): string | undefined {
  const chosen = flags & ~(constants.MSG_NOSIGNAL | constants.MSG_CMSG_CLOEXEC);
  return chosen === 0 ? undefined : flagNames("msg", chosen);
}

/** The same as a further argument. */
export function flagsAfter(flags: number): string {
  const chosen = chosenFlags(flags);
  return chosen === undefined ? "" : `, ${chosen}`;
}

/** `127.0.0.1:20733`, from the bytes of a sockaddr; undefined where they are none. */
export function addressText(bytes: Uint8Array | undefined, length = bytes?.byteLength ?? 0): string | undefined {
  const address = bytes === undefined ? undefined : decodeSockaddr(bytes, length);
  return address === undefined ? undefined : formatSockaddr(address);
}

/** An address that a call has got, behind an arrow at the end of its line. */
export function arrowed(arrow: "←" | "→", bytes: Uint8Array | undefined, length = 0): string {
  const text = addressText(bytes, length);
  return text === undefined ? "" : `  ${arrow} ${text}`;
}

/** The socket address in strace's words. */
export function exactAddress(bytes: Uint8Array, length = bytes.byteLength): string {
  const address = decodeSockaddr(bytes, length);
  if (address === undefined) return "NULL";
  return `{${fields(address).join(", ")}}`;
}

function fields(address: SocketAddress): string[] {
  switch (address.family) {
    case "AF_INET":
      return ["sa_family=AF_INET", `sin_port=htons(${address.port})`, `sin_addr=inet_addr("${address.address}")`];
    case "AF_INET6":
      return [
        "sa_family=AF_INET6",
        `sin6_port=htons(${address.port})`,
        `sin6_flowinfo=htonl(${address.flowinfo})`,
        `inet_pton(AF_INET6, "${address.address}", &sin6_addr)`,
        `sin6_scope_id=${address.scopeId}`,
      ];
    case "AF_UNIX": {
      if (address.path === "") return ["sa_family=AF_UNIX"];
      const abstract = address.path.startsWith("\0");
      const path = quoteBytes(Buffer.from(abstract ? address.path.slice(1) : address.path), 108);
      return ["sa_family=AF_UNIX", `sun_path=${abstract ? "@" : ""}${path}`];
    }
    default:
      return [`sa_family=${address.family}`];
  }
}

/** The two arguments with which a call gives an address back: where it lies, and the room for it with its length. */
export function exactRoom(bytes: Uint8Array | undefined, room: number, length = bytes?.byteLength ?? 0): string {
  if (bytes === undefined) return `${SOMEWHERE}, [${room}]`;
  if (length === 0) return `${SOMEWHERE}, [${room} => 0]`;
  return `${exactAddress(bytes, length)}, ${length === room ? `[${room}]` : `[${room} => ${length}]`}`;
}

/** The members of an array in strace's words: the first ones, and dots for the rest. */
export function exactMembers(members: readonly string[], count: number): string {
  const shown = members.slice(0, MEMBERS);
  return `[${[...shown, ...(count > shown.length ? ["..."] : [])].join(", ")}]`;
}

/** One struct epoll_event in strace's words. */
export function exactEvent({ events, data }: EpollEvent): string {
  return `{events=${flagNames("epoll", events)}, data={u32=${data % 0x1_0000_0000}, u64=${data}}}`;
}

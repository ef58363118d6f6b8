import { elements, fields, isList, shown } from "../bytes/arguments";
import {
  type ControlToSend,
  decodeControl,
  encodeControl,
  packetInfo,
  type RawControl,
  splitControl,
} from "../bytes/control";
import type { SocketAddress } from "../bytes/sockaddr";
import { sections } from "../cells/whole";
import { constants, flagNames } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { sockaddr } from "./address";
import { bytesOfPreview, copied, type Data, descriptor, int, memory, payload, preview, sizeOf } from "./arguments";
import type { Description, Tried } from "./description";
import { noteElsewhere, ownDescriptor } from "./descriptors";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import { CONTROL_ROOM, controlTexts, exactControls, interfaceNames, lastingCopy, messageHeader } from "./message";
import { sendFlags } from "./send";
import { addressText, chosenFlags, exactAddress, flagsAfter, quoted, quotedText } from "./words";

const libc = declare<{ sendmsg(fd: number, message: Pointer, flags: number): number }>({
  sendmsg: "intptr_t sendmsg(int fd, const void *message, int flags)",
});

/** What sendmsg() sends. */
export interface MessageToSend {
  /** Text (as UTF-8) or bytes. */
  data: Data;
  /** Where to; without one the peer of the connected socket. */
  address?: SocketAddress | Uint8Array | undefined;
  /** What goes beside the data. */
  control?: readonly ControlToSend[] | undefined;
}

/** sendmsg(2), as the record keeps it. */
export interface SendmsgCall {
  readonly name: "sendmsg";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The first bytes of what was to be sent, 64 at most, each as one letter (Latin-1). */
  readonly data: string;
  /** How many bytes there were to send. */
  readonly length: number;
  /** The flags, such as MSG_DONTWAIT, added by |; 0 for none. */
  readonly flags: number;
  /** The bytes of the sockaddr. */
  readonly address?: Uint8Array | undefined;
  /** The bytes of the control messages. */
  readonly control?: Uint8Array | undefined;
  /** The names of the interfaces in it. */
  readonly interfaces?: Record<number, string> | undefined;
}

export const SENDMSG: Description<SendmsgCall> = {
  short: ({ fd, data, length, flags, address, control, interfaces }) => {
    const beside = controlTexts(control, interfaces).map((text) => `, {${text}}`);
    const to = address === undefined ? "" : `, ${addressText(address) ?? "?"}`;
    return `sendmsg(${fd}, ${quotedText(data, length)}, ${length}${flagsAfter(flags)}${beside.join("")}${to})`;
  },
  exact: ({ fd, data, length, flags, address, control, interfaces }) => {
    const name =
      address === undefined
        ? "msg_name=NULL, msg_namelen=0"
        : `msg_name=${exactAddress(address)}, msg_namelen=${address.byteLength}`;
    const bytes = `msg_iov=[{iov_base=${quoted(data, length)}, iov_len=${length}}], msg_iovlen=1`;
    return `sendmsg(${fd}, {${name}, ${bytes}, ${exactControls(control, interfaces)}, msg_flags=0}, ${flagNames("msg", flags)})`;
  },
  shown: ({ data, length, flags, address }) => ({
    means: "sends",
    data: bytesOfPreview(data),
    asked: length,
    detail: chosenFlags(flags),
    urgent: (flags & constants.MSG_OOB) !== 0 || undefined,
    address: addressText(address),
  }),
  named: ({ address }) => address ?? new Uint8Array(0),
};

const CONTROL_FIELDS = ["name", "local", "interface", "level", "type", "data"] as const;

/** @throws TypeError or RangeError for what is no control message */
function rawControl(message: ControlToSend): RawControl {
  const isObject = typeof message === "object" && message !== null;
  const parts = isObject ? fields("A control message", message as object, CONTROL_FIELDS) : {};
  const { name, level, type, data, local = "0.0.0.0", interface: index = 0 } = parts as { [field: string]: unknown };
  if (name === undefined && level === undefined) {
    throw new TypeError(
      `A control message is { level, type, data } or { name: "IP_PKTINFO", local: "127.0.0.1" }, not ${shown(message)}.`,
    );
  }
  if (name !== undefined) {
    if (name === "IP_PKTINFO") return packetInfo(local as string, index as number);
    throw new TypeError(
      `Of control messages IP_PKTINFO is known by its name, not ${shown(name)}: give { level, type, data }.`,
    );
  }
  return {
    level: int("level", level),
    type: int("type", type),
    data: copied(memory("data", data)),
  };
}

function controlBytes(control: unknown): Uint8Array | undefined {
  if (control === undefined) return undefined;
  if (!isList(control)) throw new TypeError(`control is a list of control messages, not ${shown(control)}.`);
  const list = elements("control", control, CONTROL_ROOM);
  if (list.length === 0) return undefined;
  const bytes = encodeControl(list.map((one) => rawControl(one as ControlToSend)));
  // Whoever receives it could do to the socket what is done to none of the kernel's own.
  for (const fd of sentIn(bytes)) ownDescriptor(fd);
  if (bytes.byteLength <= CONTROL_ROOM) return bytes;
  throw new RangeError(`Control messages have at most ${CONTROL_ROOM} bytes here, not ${bytes.byteLength}.`);
}

/** The call, and the memory that it names, all of it ours. */
function prepared(fd: number, message: MessageToSend, flags: number): { call: SendmsgCall; bytes: Uint8Array } {
  if (typeof message !== "object" || message === null)
    throw new TypeError(`The message is an object such as { data: "hello", address: … }, not ${shown(message)}.`);
  const parts = fields("The message", message, ["data", "address", "control"]);
  const control = controlBytes(parts.control);
  const address = parts.address === undefined ? undefined : sockaddr(parts.address);
  const data = payload(parts.data);
  const length = sizeOf(data);
  const bytes = lastingCopy(data, length, Math.max(length, 1));
  const call: SendmsgCall = {
    name: "sendmsg",
    fd: descriptor(fd),
    data: preview(bytes, length),
    length,
    flags: sendFlags(flags, length) | constants.MSG_NOSIGNAL,
    address: address === undefined ? undefined : lastingCopy(address, address.byteLength),
    control: control === undefined ? undefined : lastingCopy(control, control.byteLength),
    interfaces: control === undefined ? undefined : interfaceNames(splitControl(control)),
  };
  return { call, bytes };
}

/**
 * sendmsg, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function trySendmsg(fd: number, message: MessageToSend, flags: number): Tried<SendmsgCall> {
  const { call, bytes } = prepared(fd, message, flags);
  const { address: name, control, length } = call;
  const header = messageHeader({ name, data: bytes, length, control, controlLength: control?.byteLength ?? 0 });
  const start = starting();
  const result = returned(call, libc.sendmsg(call.fd, header, call.flags), start);
  if (result >= 0 && control !== undefined) noteSent(control);
  return { call, result };
}

/** Notes which descriptors have gone with it (SCM_RIGHTS). */
function noteSent(control: Uint8Array): void {
  for (const fd of sentIn(control)) noteElsewhere(fd);
}

/** The descriptors that go with control messages (SCM_RIGHTS). */
function sentIn(control: Uint8Array): number[] {
  return splitControl(control).flatMap((raw) => {
    const { value } = decodeControl(raw);
    return Array.isArray(value) ? (value as number[]) : [];
  });
}

/**
 * sendmsg(2) sends data with what goes beside it: the destination, and control messages, such as the address that a datagram is to come from
 * (IP_PKTINFO). MSG_NOSIGNAL is always added. On a descriptor that blocks it waits 10 s at most: SO_SNDTIMEO is set first.
 *
 * Manual: man 2 sendmsg, man 3 cmsg, man 7 ip.
 *
 * @param fd the descriptor of a socket, a C int
 * @param message `data` (text or bytes), `address` (where to; not on a connected socket), `control` (control messages)
 * @param flags 0 (the default), or for example MSG_DONTWAIT
 * @returns Returns how many bytes the system took
 * @throws Errors: SocketError EPIPE (the peer is gone), EDESTADDRREQ (no destination), EMSGSIZE (a datagram too long), EINVAL (a control message that does not fit, or an address that is not this machine's), EAGAIN (the buffers are full, and stayed so), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no data, no address, no control message or no C int
 */
export function sendmsg(fd: number, message: MessageToSend, flags = 0): number {
  sections?.enter();
  try {
    if (isUnlimited(fd, "out")) limit(prepared(fd, message, flags).call, "out");
    const since = clock();
    return succeedInTime(SENDMSG, trySendmsg(fd, message, flags), since);
  } finally {
    sections?.leave();
  }
}

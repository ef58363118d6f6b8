import { type ControlMessage, decodeControl, splitControl } from "../bytes/control";
import type { SocketAddress } from "../bytes/sockaddr";
import { decodeSockaddr } from "../bytes/sockaddr-decode";
import { sections } from "../cells/whole";
import { constants, flagNames } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { room } from "./address";
import { copied, descriptor, int, integer, lengthWithin, memory, part, preview, sizeOf } from "./arguments";
import type { Description, Tried } from "./description";
import { adoptReceived } from "./descriptors";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import {
  CONTROL_ROOM,
  controlTexts,
  exactControls,
  interfaceNames,
  lasting,
  messageHeader,
  messageResult,
} from "./message";
import { looksForErrors } from "./recv";
import {
  addressText,
  arrowed,
  chosenFlags,
  exactAddress,
  flagsAfter,
  quotedText,
  received,
  receivedBytes,
  SOMEWHERE,
} from "./words";
import { type Before, before, isUntouched, mayLeave } from "./written";

const libc = declare<{ recvmsg(fd: number, message: Pointer, flags: number): number }>({
  recvmsg: "intptr_t recvmsg(int fd, void *message, int flags)",
});

/** recvmsg(2), as the record keeps it. */
export interface RecvmsgCall {
  readonly name: "recvmsg";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The first bytes of what was received, 64 at most, each as one letter (Latin-1). */
  data?: string;
  /** How many bytes there was room for. */
  readonly length: number;
  /** The flags, such as MSG_PEEK, added by |; 0 for none. */
  readonly flags: number;
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** How many bytes there was room for the control messages. */
  readonly controlRoom: number;
  /** The bytes of the sender's address. */
  from?: Uint8Array;
  /** How many bytes the system says that the address has. */
  fromLength?: number;
  /** The bytes of the control messages. */
  control?: Uint8Array;
  /** The names of the interfaces in it. */
  interfaces?: Record<number, string> | undefined;
  /** The flags that the system has told: MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, … */
  told?: number;
  /** As in a recv. */
  untouched?: true;
}

export const RECVMSG: Description<RecvmsgCall> = {
  short: (call, result) => {
    const got = call.untouched ? undefined : received(call, result, quotedText);
    return `recvmsg(${call.fd}, ${got === undefined ? "" : `${got}, `}${call.length}${flagsAfter(call.flags)})`;
  },
  exact: (call, { result }) => {
    const { fd, flags, from, fromLength = 0, control, interfaces, told, length, room: size } = call;
    if (from === undefined || told === undefined)
      return `recvmsg(${fd}, {msg_namelen=${size}}, ${flagNames("msg", flags)})`;
    const name = fromLength === 0 ? SOMEWHERE : exactAddress(from, fromLength);
    const bytes = `msg_iov=[{iov_base=${received(call, result)}, iov_len=${length}}], msg_iovlen=1`;
    const end = `msg_flags=${flagNames("msg", told)}}, ${flagNames("msg", flags)})`;
    const lengths = fromLength === size ? `${size}` : `${size} => ${fromLength}`;
    return `recvmsg(${fd}, {msg_name=${name}, msg_namelen=${lengths}, ${bytes}, ${exactControls(control, interfaces)}, ${end}`;
  },
  told: ({ from, fromLength, control, interfaces, told = 0 }) => {
    const flags = chosenFlags(told);
    const beside = [...controlTexts(control, interfaces), ...(flags === undefined ? [] : [flags])];
    return `${arrowed("←", from, fromLength)}${beside.length === 0 ? "" : ` {${beside.join(", ")}}`}`;
  },
  shown: (call, result) => ({
    means: looksForErrors(call) ? (isRefusal(call) ? "hears of a refusal" : undefined) : "receives",
    told: "←",
    data: receivedBytes(call, result),
    asked: looksForErrors(call) ? undefined : call.length,
    detail: chosenFlags(call.flags),
    address: addressText(call.from, call.fromLength),
    peek: (call.flags & constants.MSG_PEEK) !== 0 || undefined,
    urgent: (call.flags & constants.MSG_OOB) !== 0 || undefined,
  }),
};

/** The error that was received says that nobody takes it at that port. */
function isRefusal({ control }: RecvmsgCall): boolean {
  const values = control === undefined ? [] : splitControl(control).map((raw) => decodeControl(raw).value);
  return values.some((value) => value !== undefined && "code" in value && value.code === "ECONNREFUSED");
}

function recvmsgCall(fd: number, buffer: Uint8Array, length: number, flags: number, controlRoom: number): RecvmsgCall {
  return {
    name: "recvmsg",
    fd: descriptor(fd),
    length: lengthWithin("length", length, buffer),
    // Descriptors that come with the data (SCM_RIGHTS) are close-on-exec, as every descriptor here.
    flags: int("flags", flags) | constants.MSG_CMSG_CLOEXEC,
    room: room.byteLength,
    controlRoom: integer("The room for control messages", controlRoom, 0, CONTROL_ROOM),
  };
}

const control = lasting(CONTROL_ROOM);
const name = lasting(room.byteLength);

/**
 * recvmsg, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecvmsg(
  fd: number,
  buffer: Uint8Array,
  length: number,
  flags: number,
  controlRoom: number,
): Tried<RecvmsgCall> {
  const call = recvmsgCall(fd, buffer, length, flags, controlRoom);
  const into = lasting(Math.max(call.length, 1));
  // What the system does not write stays as it was.
  if (mayLeave(call.flags)) into.set(part(buffer, 0, call.length));
  const was = before(call.fd, into, call.length, call.flags);
  const header = messageHeader({
    name,
    data: into,
    length: call.length,
    control: call.controlRoom === 0 ? undefined : control,
    controlLength: call.controlRoom,
  });
  const start = starting();
  const result = libc.recvmsg(call.fd, header, call.flags);
  if (result >= 0) keep(call, into, result, was);
  const done = returned(call, result, start);
  // Nobody looks at the learner's memory before it is written: its length is asked once more.
  if (done > 0)
    part(buffer, 0, lengthWithin("length", call.length, buffer)).set(part(into, 0, Math.min(done, call.length)));
  return { call, result: done };
}

/** What the record keeps, and the descriptors that have come. */
function keep(call: RecvmsgCall, into: Uint8Array, result: number, was: Before): void {
  const { nameLength, controlLength, flags } = messageResult();
  call.data = preview(into, Math.min(result, call.length));
  if (isUntouched(was, result, call.data)) call.untouched = true;
  call.from = copied(name, Math.min(nameLength, name.byteLength));
  call.fromLength = nameLength;
  call.control = copied(control, Math.min(controlLength, call.controlRoom));
  call.told = flags;
  const messages = splitControl(call.control).map(decodeControl);
  call.interfaces = interfaceNames(messages);
  for (const message of messages)
    if (Array.isArray(message.value)) for (const fd of message.value) adoptReceived(fd as number);
}

/**
 * recvmsg(2) takes bytes that have arrived into `buffer`, and tells all that the system knows of them: the sender, whether a datagram was cut
 * (MSG_TRUNC in its flags), and control messages, such as the address that it was sent to (after setting IP_PKTINFO) or, with MSG_ERRQUEUE,
 * an error from the network (after setting IP_RECVERR). On a descriptor that blocks it waits 10 s at most: SO_RCVTIMEO is set first.
 *
 * Manual: man 2 recvmsg, man 3 cmsg, man 7 ip.
 *
 * @param fd the descriptor of a socket, a C int
 * @param buffer where the bytes go
 * @param flags 0 (the default), or for example MSG_PEEK, MSG_ERRQUEUE, MSG_DONTWAIT
 * @param room how many bytes to have ready for control messages, 0 to 4096; 256 unless told
 * @returns Returns how many bytes came, the sender's address (of an error: where the datagram was sent to), the control messages, and the flags that the system tells
 * @throws Errors: SocketError EAGAIN (nothing is there, or has come in time), ENOTCONN (not connected), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no buffer, no such room or no C int
 */
export function recvmsg(
  fd: number,
  buffer: ArrayBufferView,
  flags = 0,
  room = 256,
): {
  /** How many bytes arrived. */
  length: number;
  /** The sender's address; undefined when the system told none. */
  address: SocketAddress | undefined;
  /** The control messages that came beside the data. */
  control: ControlMessage[];
  /** What the system tells: MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, … added by |; 0 for none. */
  flags: number;
} {
  sections?.enter();
  try {
    const bytes = memory("buffer", buffer);
    if (isUnlimited(fd, "in")) limit(recvmsgCall(fd, bytes, sizeOf(bytes), flags, room), "in");
    const since = clock();
    const done = tryRecvmsg(fd, bytes, sizeOf(bytes), flags, room);
    const length = succeedInTime(RECVMSG, done, since);
    return { length, ...messageOf(done.call) };
  } finally {
    sections?.leave();
  }
}

/**
 * What a recvmsg has told beside the data.
 *
 * @internal
 */
export function messageOf({ from, fromLength = 0, control: bytes, told = 0 }: RecvmsgCall): {
  address: SocketAddress | undefined;
  control: ControlMessage[];
  flags: number;
} {
  return {
    address: from === undefined ? undefined : decodeSockaddr(from, fromLength),
    control: splitControl(bytes ?? new Uint8Array(0)).map(decodeControl),
    flags: told & ~constants.MSG_CMSG_CLOEXEC,
  };
}

import { clean } from "../bytes/clean";
import { controlText, exactControl, type RawControl, splitControl } from "../bytes/control";
import { facts } from "../facts";
import { addressOf } from "../libc";
import { part } from "./arguments";
import { interfaceName } from "./if_nametoindex";

/*
 * struct msghdr and struct iovec, by which sendmsg(2) and recvmsg(2) get their memory: addresses inside of memory. So all that they name
 * is memory of ours, which stays where it is; a learner's bytes are copied into it and out of it.
 */

const { msghdrSize, msghdrFlagsOffset, msghdrLengthSize } = facts;
const [NAME, NAME_LENGTH, VECTOR, VECTORS, CONTROL, CONTROL_LENGTH] = [0, 8, 16, 24, 32, 40];

/** Memory that does not move: small arrays of JavaScript's own do. */
export function lasting(size: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(size));
}

const header = Buffer.from(lasting(msghdrSize).buffer);
const vector = Buffer.from(lasting(16).buffer);
const VECTOR_ADDRESS = addressOf(vector);

/** The most bytes of control messages that a call takes or gives. */
export const CONTROL_ROOM = 4096;

function writeLength(at: number, value: number): void {
  if (msghdrLengthSize === 8) header.writeBigUInt64LE(BigInt(value), at);
  else header.writeUInt32LE(value, at);
}

/** Memory that a message names, and how much of it. `undefined` is NULL. */
export interface Parts {
  name: Uint8Array | undefined;
  data: Uint8Array;
  length: number;
  control: Uint8Array | undefined;
  controlLength: number;
}

/** The struct msghdr of a message. All memory that it names has to live until the call has returned. */
export function messageHeader({ name, data, length, control, controlLength }: Parts): Buffer {
  header.fill(0);
  if (name !== undefined) header.writeBigUInt64LE(addressOf(name), NAME);
  header.writeUInt32LE(name?.byteLength ?? 0, NAME_LENGTH);
  vector.writeBigUInt64LE(addressOf(data), 0);
  vector.writeBigUInt64LE(BigInt(length), 8);
  header.writeBigUInt64LE(VECTOR_ADDRESS, VECTOR);
  // Four bytes are enough for a one, whether the field has four or eight.
  header.writeUInt32LE(1, VECTORS);
  if (control !== undefined) header.writeBigUInt64LE(addressOf(control), CONTROL);
  writeLength(CONTROL_LENGTH, controlLength);
  return header;
}

/** What the system has written into the struct. */
export function messageResult(): { nameLength: number; controlLength: number; flags: number } {
  const length =
    msghdrLengthSize === 8 ? Number(header.readBigUInt64LE(CONTROL_LENGTH)) : header.readUInt32LE(CONTROL_LENGTH);
  return {
    nameLength: header.readUInt32LE(NAME_LENGTH),
    controlLength: Math.min(length, CONTROL_ROOM),
    flags: header.readInt32LE(msghdrFlagsOffset),
  };
}

/** The names of the interfaces that control messages tell by number. */
export function interfaceNames(messages: readonly RawControl[]): Record<number, string> | undefined {
  const names: Record<number, string> = {};
  for (const { level, type, data } of messages) {
    if (level !== facts.constants.IPPROTO_IP || type !== (facts.os === "darwin" ? 26 : 8) || data.byteLength < 4)
      continue;
    const index = Buffer.from(data).readInt32LE(0);
    const name = index > 0 ? interfaceName(index) : undefined;
    if (name !== undefined) names[index] = clean(name);
  }
  return Object.keys(names).length === 0 ? undefined : names;
}

/** The control messages of a record in strace's words. */
export function exactControls(bytes: Uint8Array | undefined, names?: Record<number, string>): string {
  if (bytes === undefined || bytes.byteLength === 0) return "msg_controllen=0";
  const all = splitControl(bytes).map((raw) => exactControl(raw, names));
  return `msg_control=[${all.join(", ")}], msg_controllen=${bytes.byteLength}`;
}

/** The control messages of a record as words of a short line. */
export function controlTexts(bytes: Uint8Array | undefined, names?: Record<number, string>): string[] {
  return bytes === undefined ? [] : splitControl(bytes).map((raw) => controlText(raw, names));
}

/** A learner's bytes in memory of ours that does not move. A room of at least one byte has an address: what has none is NULL. */
export function lastingCopy(bytes: Uint8Array, length: number, room = length): Uint8Array {
  const copy = lasting(room);
  copy.set(part(bytes, 0, length));
  return copy;
}

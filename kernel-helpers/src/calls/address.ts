import { encodeSockaddr, SOCKADDR_STORAGE_SIZE } from "../bytes";
import { fields } from "../bytes/arguments";
import type { SocketAddress } from "../bytes/sockaddr";
import { copied, copyFew, integer, memory, sizeOf } from "./arguments";
import { withZoneNumber } from "./if_nametoindex";

const FIELDS = ["family", "address", "port", "path", "flowinfo", "scopeId", "data"] as const;

/** The address as plain data, with the number of its interface, where that is given by its name. */
function withNumber(given: SocketAddress): SocketAddress {
  if (typeof given !== "object" || given === null) return given;
  const address = fields("The address", given, FIELDS) as { family?: unknown; address?: unknown; data?: unknown };
  const { family, address: text, data } = address;
  if (family === "AF_INET6" && typeof text === "string" && text.includes("%")) address.address = withZoneNumber(text);
  if (data !== undefined) address.data = copied(memory("data", data));
  return address as SocketAddress;
}

/** The bytes of an address, for libc and for the record: encoded when it is one, copied and cut to `length` when it is bytes. */
export function sockaddr(address: SocketAddress | Uint8Array, length?: number): Uint8Array {
  if (!ArrayBuffer.isView(address) && length === undefined) return encodeSockaddr(withNumber(address));
  const bytes = ArrayBuffer.isView(address) ? memory("address", address) : encodeSockaddr(withNumber(address));
  const used = length === undefined ? sizeOf(bytes) : integer("length", length, 0, sizeOf(bytes));
  if (used > SOCKADDR_STORAGE_SIZE)
    throw new RangeError(`An address has at most ${SOCKADDR_STORAGE_SIZE} bytes, not ${used}.`);
  return copied(bytes, used);
}

const given: Buffer = Buffer.alloc(SOCKADDR_STORAGE_SIZE);

/**
 * The address that a record keeps, where libc reads it: in one memory for all calls, each of which is synchronous. (Given to libc itself, each
 * small array got memory of its own, and a sendto took 1 µs more.)
 */
export function givenAddress(address: Uint8Array): Uint8Array {
  copyFew(address, given, address.byteLength);
  return given;
}

/**
 * Room for an address that a call returns. Every call is synchronous, so one room serves them all; it always has the full
 * 128 bytes of a sockaddr_storage, so that no address is ever cut.
 */
export const room: Buffer = Buffer.alloc(SOCKADDR_STORAGE_SIZE);
const roomLength = Buffer.alloc(4);

/** The length argument of a call that returns an address, set to the room there is. */
export function freshRoomLength(): Buffer {
  roomLength.writeInt32LE(SOCKADDR_STORAGE_SIZE);
  return roomLength;
}

/** The address that a call returned, copied, and the length that the system says it has. */
export function returnedAddress(): { bytes: Uint8Array; length: number } {
  const length = roomLength.readInt32LE();
  return { bytes: copied(room, Math.min(length, SOCKADDR_STORAGE_SIZE)), length };
}

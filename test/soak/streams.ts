import type { Handle, ProcessHandle } from "kernel-helpers";

export type AnyHandle = Handle | ProcessHandle;

/** One direction of a connection: byte number n is always the same, and another than that of other connections. */
interface Direction {
  readonly salt: number;
  /** How many were given to be sent; those of a send that has not returned are counted whole. */
  sent: number;
  received: number;
  /** A send has failed in the middle while others were behind it, or two have received at once: nobody can say any more which bytes come. */
  unknown: boolean;
}

/**
 * What goes through the connections, known by their two addresses: whoever receives gets the bytes that were sent, in their order, and
 * not one of another connection or of anything else in memory.
 */
export class SentBytes {
  private readonly directions = new Map<string, Direction>();
  private salts = 0;

  /** The next bytes to send from one address to another, which are to be sent now. */
  next(from: string, to: string, length: number): Buffer {
    const direction = this.direction(from, to);
    const bytes = bytesOf(direction.salt, direction.sent, length);
    direction.sent += length;
    return bytes;
  }

  /** Of those bytes so many were not sent. */
  notSent(from: string, to: string, count: number): void {
    this.direction(from, to).sent -= count;
  }

  /** From now on nobody can say which bytes come. */
  lose(from: string, to: string): void {
    this.direction(from, to).unknown = true;
  }

  /** What is wrong with these bytes; undefined when nothing is. */
  faultOf(from: string, to: string, got: Buffer, taken: boolean): string | undefined {
    const direction = this.direction(from, to);
    const { received, sent, salt } = direction;
    if (taken) direction.received += got.byteLength;
    if (direction.unknown) return undefined;
    if (received + got.byteLength > sent)
      return `received ${received + got.byteLength} bytes of the ${sent} that were sent`;
    const wanted = bytesOf(salt, received, got.byteLength);
    if (wanted.equals(got)) return undefined;
    const at = wanted.findIndex((byte, i) => byte !== got[i]) + received;
    return `byte ${at} from ${from} to ${to}, where ${sent} were sent, is another than was sent${this.whence(got)}`;
  }

  /** Where else these bytes were sent, if they are enough to tell. */
  private whence(got: Buffer): string {
    for (const [ends, { salt, sent }] of got.byteLength < 8 ? [] : this.directions) {
      const at = bytesOf(salt, 0, sent).indexOf(got);
      if (at >= 0) return `: they are those from byte ${at} on of ${ends}`;
    }
    return "";
  }

  /** A connection that begins: the ports can have been another's. */
  begin(one: string, other: string): void {
    for (const key of [`${one} ${other}`, `${other} ${one}`]) {
      this.salts += 1;
      this.directions.set(key, { salt: this.salts * 7919, sent: 0, received: 0, unknown: false });
    }
  }

  /** Whether it was there when the connection began: a Unix-domain socket can be given an address later. */
  knows(one: string, other: string): boolean {
    return this.directions.has(`${one} ${other}`);
  }

  /** One that has begun in the background: others may have sent on it already. */
  forget(one: string, other: string): void {
    for (const key of [`${one} ${other}`, `${other} ${one}`]) this.directions.delete(key);
  }

  private direction(from: string, to: string): Direction {
    return this.directions.get(`${from} ${to}`) ?? { salt: 0, sent: 0, received: 0, unknown: true };
  }
}

/** The datagrams that were sent: whoever receives one gets the beginning of one of them. */
export class SentDatagrams {
  private readonly lengths: number[] = [];

  next(length: number): Buffer {
    const number = this.lengths.push(length) - 1;
    return datagramOf(number, length);
  }

  faultOf(got: Buffer): string | undefined {
    // So short a one can be the beginning of any.
    if (got.byteLength < 4) return undefined;
    const number = got.readUInt32BE();
    const length = this.lengths[number];
    if (length === undefined || got.byteLength > length) return `nobody has sent datagram ${number} of so many bytes`;
    return datagramOf(number, length).subarray(0, got.byteLength).equals(got)
      ? undefined
      : `datagram ${number} is another than was sent`;
  }
}

function datagramOf(number: number, length: number): Buffer {
  const bytes = bytesOf(number, 0, Math.max(length, 4));
  bytes.writeUInt32BE(number);
  return bytes.subarray(0, length);
}

/** The bytes of one salt come again after so many. */
const PERIOD = 65_536;
const tables = new Map<number, Buffer>();

function tableOf(salt: number): Buffer {
  const known = tables.get(salt);
  if (known !== undefined) return known;
  const table = Buffer.from(Array.from({ length: PERIOD }, (_, at) => (salt + at * 31 + (at >>> 8)) & 0xff));
  tables.set(salt, table);
  return table;
}

function bytesOf(salt: number, from: number, length: number): Buffer {
  const table = tableOf(salt & 0xff);
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) at += table.copy(bytes, at, (from + at) % PERIOD);
  return bytes;
}

import type { Handle, ProcessHandle } from "kernel-helpers";

export type AnyHandle = Handle | ProcessHandle;

/** One direction of a connection: byte number n is always the same, and another than that of other connections. */
interface Direction {
  readonly salt: number;
  sent: number;
  received: number;
}

/**
 * What goes through the connections, known by their two addresses: whoever receives gets the bytes that were sent, in their order, and
 * not one of another connection or of anything else in memory.
 */
export class SentBytes {
  private readonly directions = new Map<string, Direction>();
  private salts = 0;

  /** The next bytes to send from one address to another. */
  next(from: string, to: string, length: number): Buffer {
    const direction = this.direction(from, to);
    return bytesOf(direction.salt, direction.sent, length);
  }

  took(from: string, to: string, count: number): void {
    this.direction(from, to).sent += count;
  }

  /** What is wrong with these bytes; undefined when nothing is. */
  faultOf(from: string, to: string, got: Buffer, taken: boolean): string | undefined {
    const direction = this.direction(from, to);
    const { received, sent, salt } = direction;
    if (taken) direction.received += got.byteLength;
    if (received + got.byteLength > sent)
      return `received ${received + got.byteLength} bytes of the ${sent} that were sent`;
    const wanted = bytesOf(salt, received, got.byteLength);
    return wanted.equals(got)
      ? undefined
      : `byte ${wanted.findIndex((byte, i) => byte !== got[i]) + received} is another than was sent`;
  }

  /** A connection that begins: the ports can have been another's. */
  begin(one: string, other: string): void {
    this.directions.delete(`${one} ${other}`);
    this.directions.delete(`${other} ${one}`);
  }

  private direction(from: string, to: string): Direction {
    const key = `${from} ${to}`;
    const known = this.directions.get(key);
    if (known !== undefined) return known;
    this.salts += 1;
    const direction = { salt: this.salts * 7919, sent: 0, received: 0 };
    this.directions.set(key, direction);
    return direction;
  }
}

function bytesOf(salt: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (salt + (from + i) * 31 + ((from + i) >>> 8)) & 0xff;
  return bytes;
}

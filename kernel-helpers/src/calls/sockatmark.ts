import { declare } from "../libc";

const libc = declare<{ sockatmark(fd: number): number }>({ sockatmark: "int sockatmark(int fd)" });

/**
 * sockatmark(3): whether the next byte of a TCP stream is the urgent one. A receive that has got some bytes stops there, whatever it was
 * asked for. It is no socket call, so it leaves no record.
 *
 * @internal
 */
export function isAtMark(fd: number): boolean {
  return libc.sockatmark(fd) === 1;
}

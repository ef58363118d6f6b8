import { constants } from "../facts";
import { libc } from "../libc";
import { make, succeed } from "./done";
import { own } from "./owned";
import { integer } from "./validate";

/**
 * eventfd(2): a counter that wakes whoever waits for it. Linux only; close-on-exec and non-blocking.
 *
 * @throws SocketError EMFILE
 */
export function eventfd(initial = 0): number {
  const flags = constants.EFD_CLOEXEC | constants.EFD_NONBLOCK;
  const call = { name: "eventfd" as const, initial: integer("initial", initial, 0, 0xffffffff), flags };
  return succeed(make(call, () => own(libc.eventfd(call.initial, call.flags))));
}

import { shown } from "../bytes/arguments";
import type { Handle } from "./handle";
import type { Datagram } from "./receiving";
import { FOREVER } from "./wait-options";

/**
 * Receives datagram after datagram with its sender: `for await (const { data, from } of datagrams(mailbox)) …`, inside a function.
 *
 * The next one is taken when the loop comes back for it: meanwhile they wait in the socket's queue, and when that is full the system drops them.
 *
 * Manual: man 2 recvfrom, man 7 udp.
 *
 * @param mailbox a handle of a datagram socket
 * @returns Returns what each recvfrom() gives, one after the other, without an end
 * @throws Errors: those of recvfrom(): SocketError ECONNREFUSED (a datagram sent before found nobody), ClosedError (the handle is closed); TypeError for what is no handle; it waits without a deadline
 */
export function datagrams(mailbox: Pick<Handle, "recvfrom">): AsyncGenerator<Datagram, void, void> {
  if (!isMailbox(mailbox))
    throw new TypeError(`datagrams() takes a handle: datagrams(mailbox), not ${shown(mailbox)}.`);
  return received(mailbox);
}

async function* received(mailbox: Pick<Handle, "recvfrom">): AsyncGenerator<Datagram, void, void> {
  for (;;) yield await mailbox.recvfrom(undefined, undefined, FOREVER);
}

/** What throws an error when it is asked is no handle. */
function isMailbox(value: unknown): boolean {
  try {
    return typeof (value as { recvfrom?: unknown } | undefined)?.recvfrom === "function";
  } catch {
    return false;
  }
}

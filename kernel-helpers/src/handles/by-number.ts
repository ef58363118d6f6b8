import { decodeSockaddr, formatSockaddr } from "../bytes";
import { type Call, type CallRecord, getsockopt } from "../calls";
import { type Opened, openedHere } from "../calls/descriptors";
import { errno, SO_REUSEADDR, SO_TYPE } from "../facts";
import { during, watchNumbers } from "../trace";
import { noteShutdown } from "./connecting";
import { ownPeer, sayItself } from "./itself";
import { looking } from "./looking";
import type { NamedSocket } from "./named-socket";
import { openSocketSharing } from "./registry";
import { handleOf, socketOf } from "./socket-of";

/*
 * Calls that a learner makes on a number. What is said of a call on a handle is said of them too; and when it is a handle's number, or a
 * duplicate of it, the handle has to know what became of its socket: it would else speak of a peer or an address that is not there any more.
 */

type NumberCall<N extends Call["name"]> = Extract<Call, { name: N }>;

watchNumbers((made) => {
  if (!("fd" in made.call)) return;
  const open = openSocketSharing(made.call.fd);
  const object = open === undefined ? undefined : handleOf(open);
  noteFor(object === undefined ? undefined : socketOf(object), made);
});

function noteFor(sock: NamedSocket | undefined, { call, result, errno: number }: CallRecord): void {
  if (call.name === "connect") noteConnect(sock, call, result === 0 ? 0 : number);
  if (sock === undefined) return;
  if (call.name === "shutdown") noteShutdown(sock, call.how, result === 0 || number === errno.ENOTCONN);
  if (result === -1) return;
  if (call.name === "setsockopt" && call.level === SO_REUSEADDR.level && call.option === SO_REUSEADDR.number)
    sock.reuseIsSet = true;
  // Each of these gives a socket without an address one.
  if (/^(bind|listen|sendto|sendmsg)$/.test(call.name) && sock.local === undefined) learnLocal(sock);
}

function noteConnect(sock: NamedSocket | undefined, call: NumberCall<"connect">, code: number): void {
  const address = decodeSockaddr(call.address);
  if (address === undefined) return;
  if (code === 0 && sock !== undefined) {
    // AF_UNSPEC takes back what connect() has done, the address that it has given included.
    sock.peer = address.family === "AF_UNSPEC" ? undefined : formatSockaddr(address);
    learnLocal(sock);
  }
  if (code === 0 || code === errno.EINPROGRESS) sayIfItself(call, address);
}

function learnLocal(sock: NamedSocket): void {
  during(looking, () => sock.learnLocal());
}

/** Of which sockets it was said, and where: a non-blocking connect is called twice. */
const said = new WeakMap<Opened, string>();

function sayIfItself({ fd }: NumberCall<"connect">, address: Parameters<typeof ownPeer>[1]): void {
  const place = ownPeer(fd, address);
  const known = openedHere(fd);
  if (known === undefined) return;
  if (place === undefined) said.delete(known);
  else if (said.get(known) !== place) {
    said.set(known, place);
    const type = during(looking, () => getsockopt(fd, SO_TYPE.level, SO_TYPE))[0] ?? 0;
    sayItself(`Descriptor ${fd}`, type, place);
  }
}

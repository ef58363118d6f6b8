import {
  destination,
  FIT,
  fit,
  hostOf,
  isEvery,
  isPath,
  isToMany,
  isUnix,
  plainAddress,
  sameAddress,
  UNNAMED,
} from "./addresses";
import { addressAt, type ConversationCall } from "./conversation";
import { isOn, Names } from "./names";
import { type BookedSocket, SKEW, skew } from "./socket-book";

/** A datagram as it was sent. */
export interface SentDatagram {
  readonly call: ConversationCall;
  readonly sender: BookedSocket;
  /** The sender's own address. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly bytes: number;
  /** It goes to a group or to everybody: several can receive it. */
  readonly toMany: boolean;
}

/** Where it goes. */
export interface Route {
  /** To a group or to everybody: several can receive it. */
  readonly toMany: boolean;
  /** The one socket that the system must give it to; or none of the record; or nobody knows. */
  readonly receiver: BookedSocket | "outside" | undefined;
  /** With no receiver of the record: the socket that has the address and is connected to another one. */
  readonly closedTo: BookedSocket | undefined;
}

/** From where something is sent, and when. */
interface Sending {
  readonly sender: BookedSocket;
  /** The sender's own address. */
  readonly source: string | undefined;
  readonly sent: number;
  /** When the address was looked up: earlier where the sender is connected to the socket itself. */
  readonly at: number;
}

/** Which sockets a datagram can reach, by the addresses that they had when it was sent. */
export class DatagramReach {
  private readonly names: Names;
  /** Sockets that were bound or have sent: they have a port, known or not. */
  private readonly hasPort: ReadonlySet<number | undefined>;
  private readonly changes: Changes;
  /** As long as no socket has changed, what is sent from one address to another takes the same route. */
  private readonly routes = new Map<string, Route>();

  constructor(
    /** The sockets for datagrams. */
    private readonly boxes: readonly BookedSocket[],
    calls: readonly ConversationCall[],
  ) {
    this.names = new Names(boxes);
    const gets = calls.filter(({ step }) => step.means === "sends" || step.means === "binds");
    this.hasPort = new Set(gets.map(({ socket }) => socket));
    this.changes = new Changes(boxes);
  }

  /** Where it goes that is sent to this target. */
  routeTo(target: string | undefined, sending: Sending): Route {
    if (target === undefined) return UNKNOWN;
    const { sender, source, sent, at } = sending;
    const key = `${sender.id} ${this.changes.until(at)} ${this.changes.until(sent)} ${source ?? ""} ${target}`;
    const known = this.routes.get(key);
    if (known !== undefined) return known;
    const toMany = this.goesToMany(target, sender);
    const receiver = toMany ? undefined : this.receiverOf(target, sending);
    const route = { toMany, receiver, closedTo: receiver === "outside" ? this.closedTo(target, sending) : undefined };
    this.routes.set(key, route);
    return route;
  }

  /** Whether it goes to a group or to everybody. */
  private goesToMany(target: string, sender: BookedSocket): boolean {
    if (isToMany(target)) return true;
    // The broadcast address of a network whose mask nobody has told.
    return (
      isOn(sender.options.SO_BROADCAST) &&
      !isUnix(target) &&
      !this.boxes.some(({ locals }) => locals.some(({ address }) => address === target))
    );
  }

  /** The only socket that the system can have given it to. */
  private receiverOf(target: string, { sender, source, sent, at }: Sending): Route["receiver"] {
    const open = this.boxes.filter((box) => isOpen(box, at, sent));
    const fits = open.map((box) => ({ box, how: this.fits(box, target, source, sender, at) }));
    const best = Math.max(0, ...fits.map(({ how }) => how));
    const found = fits.filter(({ how }) => how === best && how > FIT.no);
    const [first] = found;
    if (first === undefined) return this.mayBeSomebody(target, sender, at) ? undefined : "outside";
    const own = Math.floor(best) === FIT.exact || this.names.isOwn(target, source, sender.network);
    return found.length === 1 && own ? first.box : undefined;
  }

  /** The one socket that has the address, and takes in nothing of this: it is connected to another one (udp(7)). */
  private closedTo(target: string, { sender, source, sent, at }: Sending): BookedSocket | undefined {
    if (isUnix(target)) return undefined;
    const found = this.boxes.filter(
      (box) =>
        isOpen(box, at, sent) &&
        this.names.fit(box, target, sender, at) > FIT.no &&
        this.fits(box, target, source, sender, at) === FIT.no,
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /** Whether it can have come to this socket. */
  arrives({ sender, target, source, toMany, call }: SentDatagram, receiver: BookedSocket): boolean {
    if (!toMany) return this.fits(receiver, target!, source, sender, call.at) > FIT.no;
    if (receiver.network !== sender.network) return false;
    const local = addressAt(receiver.locals, call.at + skew(receiver, sender));
    if (local === undefined) return false;
    const [to, own] = [plainAddress(target!), plainAddress(local)];
    const port = (address: string): string => address.slice(address.lastIndexOf(":") + 1);
    const host = hostOf(own);
    return port(to) === port(own) && host !== undefined && (isEvery(host) || host === hostOf(to));
  }

  /** The system told the receiver the sender's address; one that is bound to every address sends from each of them. */
  isTold({ source, sender }: SentDatagram, from: string): boolean {
    if (source === undefined) return false;
    if (sameAddress(destination(from), source)) return true;
    return isFrom(source, from) && this.names.isOwn(from, undefined, sender.network);
  }

  /** Whether a socket of the record had the address, or can have had it, until shortly before. */
  isOfTheRecord(from: string, receiver: BookedSocket, at: number): boolean {
    return this.boxes.some(
      (box) =>
        (box.network === receiver.network || isPath(from)) &&
        box.closedAt >= at - 1000 &&
        (box.locals.length === 0 || box.locals.some(({ address }) => address !== undefined && matches(address, from))),
    );
  }

  /** How exactly a socket has the address. One that is connected to the sender comes before one that hears everybody. */
  private fits(
    box: BookedSocket,
    target: string,
    source: string | undefined,
    sender: BookedSocket,
    at: number,
  ): number {
    const how = this.names.fit(box, target, sender, at);
    if (how === FIT.no || isPath(target)) return how;
    const peer = addressAt(box.peers, at);
    if (peer === undefined) return how;
    const own = addressAt(box.locals, at);
    return source !== undefined && isFrom(source, destination(peer, own)) ? how + 0.5 : FIT.no;
  }

  /** A socket is open of which the record does not tell the address; or the same file has another path. */
  private mayBeSomebody(target: string, sender: BookedSocket, at: number): boolean {
    return this.boxes.some((box) => {
      if (!isOpen(box, at, at)) return false;
      if (isUnix(target))
        return isPath(target) && box.locals.some(({ address }) => address !== undefined && isPath(address));
      return box !== sender && box.network === sender.network && box.locals.length === 0 && this.hasPort.has(box.id);
    });
  }
}

const UNKNOWN: Route = { toMany: false, receiver: undefined, closedTo: undefined };

/** When sockets got an address or a peer, or were closed. */
class Changes {
  private readonly times: readonly number[];

  constructor(boxes: readonly BookedSocket[]) {
    const own = boxes.flatMap(({ locals, peers, closedAt }) => [...locals, ...peers, { at: closedAt }]);
    // Each counts for a process whose clock may be before this one's, too.
    const times = new Set(own.flatMap(({ at }) => [at, at - SKEW]));
    this.times = [...times].sort((a, b) => a - b);
  }

  /** How many there were until a time. */
  until(at: number): number {
    let [low, high] = [0, this.times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** It was there when the datagram was sent; for a connected Unix-domain socket, when that was connected too. */
function isOpen({ closedAt }: BookedSocket, ...times: readonly number[]): boolean {
  return times.every((at) => closedAt > at);
}

/** The sender's own address can be the one that the receiver was told. */
export function matches(source: string | undefined, from: string | undefined): boolean {
  if (from === undefined || source === undefined) return true;
  if (from === UNNAMED || source === UNNAMED) return from === source;
  return isFrom(source, from);
}

/** The same, where a sender that is bound to every address sends from one of them. */
function isFrom(source: string, from: string): boolean {
  return sameAddress(source, from) || (!isUnix(source) && isEvery(hostOf(source) ?? "") && fit(from, source) > FIT.no);
}

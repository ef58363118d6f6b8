import { hostOf, isEvery, UNSPEC } from "./addresses";
import type { AddressSince, ConversationCall, ConversationSocket } from "./conversation";
import { type ConversationStep, type ForeignNetwork, succeeded } from "./evidence";

/** A socket while the record is read. */
export interface BookedSocket extends ConversationSocket {
  fd: number | undefined;
  kind: "stream" | "datagram" | undefined;
  locals: AddressSince[];
  peers: AddressSince[];
  listens: number | undefined;
  options: Record<string, string | undefined>;
  openedBy: number | undefined;
  closedBy: number | undefined;
  listener: number | undefined;
  duplicateOf: number | undefined;
  /** When it was closed. */
  closedAt: number;
  /** It was bound to a port of its own choice. */
  bound: boolean;
}

/** The clocks of two processes can differ by this much, in milliseconds. */
export const SKEW = 5;

/** By how much the times of two processes can be wrong to each other. */
export function skew(a: BookedSocket, b: BookedSocket): number {
  return a.pid === b.pid ? 0 : SKEW;
}

/** Finds the socket of every step, and what the steps tell of it. */
export class SocketBook {
  readonly sockets: BookedSocket[] = [];
  readonly calls: ConversationCall[] = [];
  private readonly byName = new Map<string, BookedSocket>();
  private readonly networks: ReadonlyMap<number | undefined, string>;

  constructor(networks: readonly ForeignNetwork[] = []) {
    this.networks = new Map(networks.map(({ pid, network }) => [pid, network]));
  }

  /** Takes in a step; steps come in the order in which they began. */
  add(step: ConversationStep): void {
    const index = this.calls.length;
    const over = step.end !== undefined;
    const at = step.waited === true && over && step.actsAtOnce !== true ? step.end! : step.start;
    const socket = this.socketOf(step, index);
    const opened = socket === undefined ? undefined : this.opening(step, index, at, socket);
    this.calls.push({ index, step, socket: socket?.id, opened: opened?.id, at });
    if (socket !== undefined) learn(socket, step, index, at);
  }

  private socketOf(step: ConversationStep, index: number): BookedSocket | undefined {
    const key = keyOf(step.handle, step.pid);
    const current = this.byName.get(key);
    if (step.means === "opens") {
      if (!succeeded(step)) return undefined;
      return this.open(step.handle, step, { fd: step.result, kind: step.kind, openedBy: index });
    }
    const open = current !== undefined && current.closedBy === undefined;
    // The descriptor is another: this name was given to another socket, and the record has not its beginning.
    const other = open && step.fd !== undefined && current.fd !== undefined && step.fd !== current.fd;
    // A call on a closed socket fails: it is not the beginning of another, and neither is the end of its process.
    const begins = step.error === undefined && step.ended === undefined && step.processEnd !== true;
    const socket = (open && !other) || !begins ? current : this.open(step.handle, step, { fd: step.fd });
    if (socket === undefined) return undefined;
    socket.kind ??= kindBy(step);
    socket.fd ??= step.fd;
    return socket;
  }

  private opening(step: ConversationStep, index: number, at: number, on: BookedSocket): BookedSocket | undefined {
    const { means, opened, result } = step;
    if (opened === undefined || !succeeded(step)) return undefined;
    switch (means) {
      case "accepts": {
        const socket = this.open(opened, step, { fd: result, kind: "stream", openedBy: index, listener: on.id });
        const local = on.locals.at(-1)?.address;
        const host = local === undefined ? undefined : hostOf(local);
        if (local !== undefined && (host === undefined || !isEvery(host))) socket.locals.push({ at, address: local });
        socket.peers.push({ at, address: step.address });
        return socket;
      }
      case "duplicates":
        return this.open(opened, step, {
          fd: result,
          kind: on.kind,
          openedBy: index,
          duplicateOf: on.duplicateOf ?? on.id,
        });
      case "pairs":
        on.openedBy ??= index;
        on.kind ??= step.kind;
        return this.open(opened, step, { kind: step.kind, openedBy: index });
      default:
        return undefined;
    }
  }

  private open(handle: string, { pid }: ConversationStep, more: Partial<BookedSocket>): BookedSocket {
    const socket: BookedSocket = {
      id: this.sockets.length,
      handle,
      pid,
      network: this.networks.get(pid),
      fd: undefined,
      kind: undefined,
      locals: [],
      peers: [],
      listens: undefined,
      options: {},
      openedBy: undefined,
      closedBy: undefined,
      listener: undefined,
      duplicateOf: undefined,
      closedAt: Number.POSITIVE_INFINITY,
      bound: false,
      ...more,
    };
    this.sockets.push(socket);
    this.byName.set(keyOf(handle, pid), socket);
    return socket;
  }
}

function keyOf(handle: string, pid: number | undefined): string {
  return `${pid ?? ""} ${handle}`;
}

/** What only one kind of socket does, where the record has not its beginning. */
function kindBy({ means, kind, address }: ConversationStep): BookedSocket["kind"] {
  if (means === "listens" || means === "accepts") return "stream";
  if ((means === "sends" || means === "receives") && address !== undefined) return "datagram";
  return kind;
}

function learn(socket: BookedSocket, step: ConversationStep, index: number, at: number): void {
  const { means, address } = step;
  if (step.local !== undefined) note(socket.locals, at, step.local);
  if (!succeeded(step)) return;
  switch (means) {
    case "binds":
      socket.bound ||= address !== undefined && !address.endsWith(":0");
      if (step.local === undefined && address !== undefined && !address.endsWith(":0"))
        note(socket.locals, at, address);
      break;
    case "tells local":
      note(socket.locals, at, address);
      break;
    case "connects":
      note(socket.peers, at, address === UNSPEC ? undefined : address);
      // The port that the system had chosen is taken back too.
      if (address === UNSPEC && !socket.bound && step.local === undefined) note(socket.locals, at, undefined);
      break;
    case "tells peer":
      note(socket.peers, at, address);
      break;
    case "listens":
      socket.listens ??= at;
      break;
    case "sets":
      if (step.sets !== undefined) socket.options[step.sets.option] = step.sets.value;
      break;
    case "closes":
      socket.closedBy = index;
      socket.closedAt = at;
      break;
    case "sends":
    case "receives":
      // Where a datagram was sent is not the peer of its socket.
      if (address === undefined && step.peer !== undefined && socket.peers.length === 0)
        note(socket.peers, at, step.peer);
      break;
    default:
      break;
  }
}

function note(list: AddressSince[], at: number, address: string | undefined): void {
  if (list.at(-1)?.address !== address) list.push({ at, address });
}

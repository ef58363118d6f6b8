import { isPath, reaches } from "./addresses";
import { closes, isProcessEnd } from "./process-ends";
import type { ForeignNetwork, LadderStep } from "./scene";

/** A column of the ladder: everything that had this name in this process. */
export interface Lane {
  readonly handle: string;
  readonly pid: number | undefined;
  /** The network of its process, when it is not the notebook's. */
  readonly network: string | undefined;
  readonly lives: Life[];
  /** The lane whose accept() opened this one. */
  parent?: Lane;
}

/** The lane has this name, in this process if one is told. */
export function isOf(lane: Lane, handle: string, pid: number | undefined): boolean {
  return lane.handle === handle && (pid === undefined || lane.pid === undefined || lane.pid === pid);
}

/** One socket in its lane, from the call that opened it to its close. A name that is opened again begins another life. */
export interface Life {
  readonly lane: Lane;
  fd: number | undefined;
  kind: "stream" | "datagram" | undefined;
  local?: string;
  peer?: string;
  listening?: boolean;
  openedBy?: LadderCall;
  closedBy?: LadderCall;
}

/** What a call sends to `target` arrives at this socket: it has the address, and it is in the same network. Paths are in none. */
export function arrivesAt({ local, lane }: Life, target: string | undefined, { lane: from }: LadderCall): boolean {
  if (local === undefined || target === undefined || !reaches(target, local)) return false;
  return lane.network === from.network || isPath(target);
}

/** A step in its lane. */
export interface LadderCall {
  readonly step: LadderStep;
  readonly index: number;
  readonly lane: Lane;
  /** The socket it was made on; none when socket() failed. */
  readonly life: Life | undefined;
  /** For accept: the new socket. */
  opened?: Life;
  /**
   * When it did what it did: a call that waited at its end, another at its start. A connect does it at its start in any case: the
   * handshake is on its way from there, and the other end can accept before connect() has returned.
   */
  readonly at: number;
}

/** The call has returned or its wait has ended. */
export function isOver({ step }: LadderCall): boolean {
  return step.result !== undefined || step.error !== undefined || step.ended !== undefined;
}

export function succeeded({ step }: LadderCall): boolean {
  return step.result !== undefined && step.result >= 0 && step.error === undefined && step.ended === undefined;
}

/** The call took its time: it has a beginning and an end of its own in the picture. */
export function waits(call: LadderCall): boolean {
  return call.step.waited === true || !isOver(call);
}

const DATAGRAM_CALLS = new Set(["sendto", "recvfrom"]);
const STREAM_CALLS = new Set(["listen", "accept"]);

/** Finds the lane and the socket of every step. */
export class LaneBook {
  readonly lanes: Lane[] = [];
  private readonly byKey = new Map<string, Lane>();
  private readonly networks: ReadonlyMap<number | undefined, string>;

  constructor(networks: readonly ForeignNetwork[] = []) {
    this.networks = new Map(networks.map(({ pid, network }) => [pid, network]));
  }

  lane(handle: string, pid: number | undefined): Lane {
    const key = `${pid ?? ""} ${handle}`;
    let lane = this.byKey.get(key);
    if (lane === undefined) {
      lane = { handle, pid, network: this.networks.get(pid), lives: [] };
      this.byKey.set(key, lane);
      this.lanes.push(lane);
    }
    return lane;
  }

  /** Takes in a step; steps come in the order in which they began. */
  add(step: LadderStep, index: number): LadderCall {
    const lane = this.lane(step.handle, step.pid);
    const over = step.end !== undefined;
    const at = step.waited === true && over && step.call !== "connect" ? step.end! : step.start;
    const call: LadderCall = { step, index, lane, life: this.lifeOf(step, lane), at };
    const { life } = call;
    if (life === undefined) return call;
    if (step.call === "socket") life.openedBy = call;
    if (step.local !== undefined) life.local = step.local;
    if (closes(step) && succeeded(call)) life.closedBy = call;
    if (step.call === "accept" && step.opened !== undefined && succeeded(call))
      call.opened = this.open(call, step.opened);
    return call;
  }

  private lifeOf(step: LadderStep, lane: Lane): Life | undefined {
    const current = lane.lives.at(-1);
    const alive = current !== undefined && current.closedBy === undefined;
    if (step.call === "socket") {
      return step.error === undefined && step.result !== undefined && step.result >= 0
        ? begin(lane, step.result, step.kind)
        : undefined;
    }
    // A call on a closed socket fails: it is not the beginning of another, and neither is the end of its process.
    const life = alive
      ? current
      : step.error === undefined && step.ended === undefined && !isProcessEnd(step)
        ? begin(lane, step.fd, step.kind)
        : current;
    if (life !== undefined) {
      life.kind ??= DATAGRAM_CALLS.has(step.call) ? "datagram" : STREAM_CALLS.has(step.call) ? "stream" : step.kind;
      life.fd ??= step.fd;
    }
    return life;
  }

  private open(call: LadderCall, name: string): Life {
    const lane = this.lane(name, call.lane.pid);
    lane.parent = call.lane;
    const life = begin(lane, call.step.result, "stream");
    life.openedBy = call;
    return life;
  }
}

function begin(lane: Lane, fd: number | undefined, kind: Life["kind"]): Life {
  const life: Life = { lane, fd, kind };
  lane.lives.push(life);
  return life;
}

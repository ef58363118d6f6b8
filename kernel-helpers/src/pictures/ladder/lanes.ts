import { type ConversationSocket, type ConversationStep, isOver } from "../../conversation";

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
export function isLaneOf(lane: Lane, handle: string, pid: number | undefined): boolean {
  return lane.handle === handle && (pid === undefined || lane.pid === undefined || lane.pid === pid);
}

/** One socket in its lane, from the call that opened it to its close. A name that is opened again begins another life. */
export interface Life {
  readonly lane: Lane;
  readonly fd: number | undefined;
  readonly kind: ConversationSocket["kind"];
  openedBy?: LadderCall;
  closedBy?: LadderCall;
}

/** A call in its lane. */
export interface LadderCall {
  readonly step: ConversationStep;
  readonly index: number;
  readonly lane: Lane;
  /** The socket it was made on; none when it made none. */
  readonly life: Life | undefined;
  /** The new socket, of a call that accepts, duplicates or pairs. */
  readonly opened: Life | undefined;
}

/** The call has returned or its wait has ended. */
export function callIsOver({ step }: LadderCall): boolean {
  return isOver(step);
}

/** The call took its time: it has a beginning and an end of its own in the picture. */
export function waits(call: LadderCall): boolean {
  return call.step.waited === true || !callIsOver(call);
}

/** The socket is closed by this: by its own close, or with its process. */
export function closes({ means }: ConversationStep): boolean {
  return means === "closes";
}

/** Finds the lanes of handles, in the order in which they are asked for. */
export class LaneBook {
  readonly lanes: Lane[] = [];
  private readonly byKey = new Map<string, Lane>();

  lane(handle: string, pid: number | undefined, network: string | undefined): Lane {
    const key = `${pid ?? ""} ${handle}`;
    let lane = this.byKey.get(key);
    if (lane === undefined) {
      lane = { handle, pid, network, lives: [] };
      this.byKey.set(key, lane);
      this.lanes.push(lane);
    }
    return lane;
  }
}

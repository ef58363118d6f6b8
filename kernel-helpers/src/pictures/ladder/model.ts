import type { Arrow } from "./arrows";
import { Connections } from "./connections";
import { Datagrams } from "./datagrams";
import { isOf, isOver, type LadderCall, type Lane, LaneBook, type Life, succeeded } from "./lanes";
import { closes, withEnds } from "./process-ends";
import type { LadderScene } from "./scene";

/** What the steps mean: who made them, and what went from one to another. */
export interface LadderModel {
  readonly calls: readonly LadderCall[];
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
}

/** Reads the steps in the order in which they took effect. */
export function understand({ steps, drops = [], networks, ends = [] }: LadderScene): LadderModel {
  const book = new LaneBook(networks);
  const calls = withEnds(steps, ends).map((step, index) => book.add(step, index));
  const arrows: Arrow[] = [];
  const connections = new Connections(arrows);
  const datagrams = new Datagrams(arrows);
  for (const call of calls.filter(isOver).sort((a, b) => a.at - b.at || a.index - b.index)) {
    const { life } = call;
    if (life === undefined) continue;
    if (life.kind === "datagram") datagramCall(datagrams, call, life);
    else if (streamCall(connections, call, life)) continue;
    else looseBytes(arrows, call);
  }
  connections.finish();
  // What was dropped is counted for the socket that is open under the name.
  datagrams.finish(({ lane, closedBy }) =>
    closedBy === undefined ? (drops.find(({ handle, pid }) => isOf(lane, handle, pid))?.count ?? 0) : 0,
  );
  return { calls, lanes: book.lanes, arrows };
}

const SENDS = new Set(["send", "sendto"]);
const RECEIVES = new Set(["recv", "recvfrom"]);

function datagramCall(datagrams: Datagrams, call: LadderCall, life: Life): void {
  const { step } = call;
  if (step.error === "ECONNREFUSED") datagrams.refuse(life);
  if (RECEIVES.has(step.call) && (step.error === "EAGAIN" || step.ended === "timeout")) datagrams.empty(life);
  if (!succeeded(call)) return;
  datagrams.know(life);
  if (step.call === "setsockopt" && step.detail === "SO_ATTACH_FILTER") datagrams.filter(life);
  if (step.call === "connect") life.peer = step.address ?? step.peer;
  else if (SENDS.has(step.call)) datagrams.send(call, life, step.result!);
  else if (RECEIVES.has(step.call) && step.peek !== true) datagrams.receive(call, life, step.result!);
}

/** @returns whether the call is understood; bytes of a socket whose connection is not in the record are not */
function streamCall(connections: Connections, call: LadderCall, life: Life): boolean {
  const { step } = call;
  const into = connections.into(life);
  if (step.error === "ECONNRESET") into?.learn(call, true);
  if (step.call === "connect" && step.error === "ECONNREFUSED") connections.refused(call);
  if (!succeeded(call)) return true;
  if (closes(step)) {
    // RFC 2525, 2.17: a close with bytes still unread breaks the connection, so that the sender learns that they were lost.
    connections.outOf(life)?.finish(call, (into?.unread ?? 0) > 0);
    if (life.listening === true) connections.closeListener(call, life);
    return true;
  }
  switch (step.call) {
    case "listen":
      connections.listen(life);
      return true;
    case "connect":
      connections.connect(call, life);
      return true;
    case "accept":
      if (call.opened !== undefined) connections.accept(call, life, call.opened);
      return true;
    case "send":
    case "sendto":
      connections.outOf(life)?.send(call, step.result!);
      return connections.outOf(life) !== undefined;
    case "recv":
    case "recvfrom":
      if (step.peek === true) return true;
      if (step.result! > 0) into?.receive(call, step.result!);
      else if (step.asked !== 0) into?.learn(call, false);
      return into !== undefined;
    case "shutdown":
      if (step.detail !== "SHUT_RD") connections.outOf(life)?.finish(call, false);
      return true;
    default:
      return true;
  }
}

function looseBytes(arrows: Arrow[], call: LadderCall): void {
  const { step, lane } = call;
  if (step.result === 0) return;
  const bytes = step.result!;
  if (SENDS.has(step.call)) arrows.push({ cargo: "bytes", from: call, bytes, fate: "outside" });
  else arrows.push({ cargo: "bytes", to: call, lane, bytes, fate: "outside" });
}

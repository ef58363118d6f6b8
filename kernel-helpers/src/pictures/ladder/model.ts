import { type Conversation, type Link, readConversation } from "../../conversation";
import { type Arrow, notesOf } from "./arrows";
import { type LadderCall, type Lane, LaneBook, type Life } from "./lanes";
import type { LadderScene } from "./scene";

/** The conversation as a ladder has it: lanes with the lives of sockets, calls in them, and arrows between the calls. */
export interface LadderModel {
  readonly calls: readonly LadderCall[];
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
}

/** The panel draws one scene several times, until it fits. */
const understood = new WeakMap<LadderScene, LadderModel>();

export function understand(scene: LadderScene): LadderModel {
  const before = understood.get(scene);
  if (before !== undefined) return before;
  const model = placed(readConversation(scene), scene);
  understood.set(scene, model);
  return model;
}

function placed({ calls, sockets, links }: Conversation, { networks = [] }: LadderScene): LadderModel {
  const book = new LaneBook();
  const networkOf = new Map<number | undefined, string>(networks.map(({ pid, network }) => [pid, network]));
  const lives = new Map<number, Life>();
  const lifeOf = (id: number | undefined): Life | undefined => {
    if (id === undefined) return undefined;
    const known = lives.get(id);
    if (known !== undefined) return known;
    const { handle, pid, network, fd, kind } = sockets[id]!;
    const lane = book.lane(handle, pid, network);
    const life: Life = { lane, fd, kind };
    lane.lives.push(life);
    lives.set(id, life);
    return life;
  };
  const ladderCalls = calls.map(({ index, step, socket, opened }): LadderCall => {
    const lane = book.lane(step.handle, step.pid, networkOf.get(step.pid));
    const life = lifeOf(socket);
    const child = lifeOf(opened);
    if (child !== undefined && child.lane !== lane) child.lane.parent = lane;
    return { step, index, lane, life, opened: child };
  });
  for (const { id, openedBy, closedBy } of sockets) {
    const life = lives.get(id);
    if (life === undefined) continue;
    if (openedBy !== undefined) life.openedBy = ladderCalls[openedBy]!;
    if (closedBy !== undefined) life.closedBy = ladderCalls[closedBy]!;
  }
  const arrows = links.map((link) => arrowOf(link, ladderCalls, (id) => lifeOf(id)?.lane));
  return { calls: ladderCalls, lanes: book.lanes, arrows };
}

function arrowOf(
  { cargo, known, fate, from, to, socket, bytes, reason }: Link,
  calls: readonly LadderCall[],
  laneOf: (id: number | undefined) => Lane | undefined,
): Arrow {
  const sender = from === undefined ? undefined : calls[from];
  const taker = to === undefined ? undefined : calls[to];
  const lane = laneOf(socket);
  const notes = sender === undefined ? undefined : notesOf({ cargo, fate, reason, bytes }, sender.step.result ?? 0);
  return {
    cargo,
    known,
    fate,
    ...(sender === undefined ? {} : { from: sender }),
    ...(taker === undefined ? {} : { to: taker }),
    ...(lane === undefined ? {} : { lane }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(reason === "cut" ? { cut: true } : {}),
    ...(notes === undefined ? {} : { notes }),
  };
}

import { count } from "../duration";
import type { LadderCall, Lane, Life } from "./lanes";
import { callIsOver } from "./lanes";
import type { LadderModel } from "./model";
import type { LadderOptions } from "./options";

/** How many calls are drawn unless told: about 6,000 pixels. */
const LAST = 200;
/** More lanes than this make a picture that no screen shows. */
const MOST_LANES = 12;
/** More rows than this make a picture that no browser draws well. */
const MOST_CALLS = 1000;

/** Calls from before the window that wait still: more than a bar for each lane says nothing. */
const MOST_WAITING = 24;

/** What of the record is drawn, and what is said about the rest. */
export interface Window {
  readonly calls: readonly LadderCall[];
  /** Calls from before that wait still. */
  readonly waiting: readonly LadderCall[];
  readonly lanes: readonly Lane[];
  readonly notes: readonly string[];
}

export function chooseWindow({ calls, lanes }: LadderModel, options: LadderOptions, mostLanes = MOST_LANES): Window {
  const { only } = options;
  const asked = options.last ?? LAST;
  const last = asked >= 1 ? Math.min(MOST_CALLS, Math.floor(asked)) : LAST;
  const wanted = only === undefined ? calls : calls.filter(({ lane }) => only.includes(lane.handle));
  const recent = withoutOldLives(wanted.slice(-last), wanted.length > last);
  const kept = new Set<Lane>();
  for (const { lane } of [...recent].reverse()) if (kept.size < mostLanes) kept.add(lane);
  const drawn = recent.filter(({ lane }) => kept.has(lane));
  const first = drawn[0]?.index ?? 0;
  const waiting = wanted
    .filter((call) => call.index < first && !callIsOver(call) && kept.has(call.lane))
    .slice(-MOST_WAITING);
  for (const { opened } of drawn) {
    const isWanted = opened !== undefined && (only === undefined || only.includes(opened.lane.handle));
    if (isWanted && kept.size < mostLanes) kept.add(opened.lane);
  }
  const notes: string[] = [];
  if (wanted.length > recent.length) notes.push(`${count(wanted.length - recent.length, "earlier call")} left out`);
  const missing = new Set(recent.map(({ lane }) => lane).filter((lane) => !kept.has(lane))).size;
  if (missing > 0)
    notes.push(`${count(missing, "handle")} with ${count(recent.length - drawn.length, "call")} left out`);
  return { calls: drawn, waiting, lanes: inOrder(lanes, kept), notes };
}

/**
 * A reader begins where a socket begins. When the window cuts off the beginning of a socket whose name is opened again within it, as in a
 * notebook that is run again, the rest of the first one's calls belong to what was cut off.
 */
function withoutOldLives(recent: readonly LadderCall[], isCut: boolean): readonly LadderCall[] {
  const first = recent[0]?.index ?? 0;
  if (!isCut) return recent;
  const begins = (life: Life | undefined): boolean => life?.openedBy !== undefined && life.openedBy.index >= first;
  return recent.filter(({ lane, life }) => {
    if (life === undefined || begins(life)) return true;
    return !lane.lives.slice(lane.lives.indexOf(life) + 1).some(begins);
  });
}

/** Lanes of one process stand together, and what a listener has accepted stands beside it. */
function inOrder(all: readonly Lane[], kept: ReadonlySet<Lane>): Lane[] {
  const children = new Map<Lane, Lane[]>();
  for (const lane of all) {
    if (lane.parent === undefined) continue;
    const siblings = children.get(lane.parent);
    if (siblings === undefined) children.set(lane.parent, [lane]);
    else siblings.push(lane);
  }
  const tops = all.filter(({ parent }) => parent === undefined);
  const processes = [...new Set(tops.map(({ pid }) => pid))];
  const ordered = new Set<Lane>();
  const place = (lane: Lane): void => {
    if (ordered.has(lane)) return;
    ordered.add(lane);
    // What an accepted socket has opened, a duplicate of it, stands beside that one.
    for (const child of children.get(lane) ?? []) place(child);
  };
  for (const pid of processes) for (const lane of tops) if (lane.pid === pid) place(lane);
  // Names that are used again and again can make a lane its own forefather.
  for (const lane of all) place(lane);
  return [...ordered].filter((lane) => kept.has(lane));
}

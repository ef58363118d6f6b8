import { duration } from "../duration";
import { shortenWithin } from "../measure";
import type { Arrow } from "./arrows";
import { callPieces, stillWaits, waitText } from "./call-words";
import type { LadderCall } from "./lanes";
import type { Row } from "./rows";

/** The ladder in words: one sentence for every call, in the order of the picture. */
export function ladderInWords(
  rows: readonly Row[],
  arrows: readonly Arrow[],
  zero: number,
  notes: readonly string[],
  now?: number,
): string {
  const out = group(arrows, ({ from }) => from);
  const into = group(arrows, ({ to }) => to);
  const sentences: string[] = [];
  for (const row of rows) {
    if (row.type === "states")
      for (const { column, state } of row.states) sentences.push(`${short(column.lane.handle)} is now ${state}.`);
    if (row.type !== "call" || row.phase === "begin") continue;
    const { call } = row;
    const { start, end } = call.step;
    const handle = short(call.step.handle);
    if (row.phase === "still") {
      sentences.push(`${handle}: ${stillWaits(call, now).join(" ")}.`);
      continue;
    }
    const when = duration((row.phase === "end" ? end! : start) - zero);
    const waited = row.phase === "end" ? waitText(call) : undefined;
    const clauses = [callPieces(call, row.phase).map(short).join(" ")];
    if (waited !== undefined) clauses.push(waited);
    for (const arrow of into.get(call) ?? []) clauses.push(...taken(arrow));
    for (const arrow of out.get(call) ?? []) clauses.push(...given(arrow));
    sentences.push(`${when}, ${handle}: ${clauses.join("; ")}.`);
  }
  const rest = notes.map((note) => `${note}.`);
  return ["Ladder diagram of socket calls.", ...rest, ...sentences].join(" ");
}

/** An address or a name can be as long as its maker likes; a sentence should not be. */
function short(text: string): string {
  return shortenWithin(text, 60);
}

function taken(arrow: Arrow): string[] {
  const words = takenWords(arrow);
  return words === undefined ? [] : [words + certainty(arrow)];
}

/** What the dashes say. */
function certainty({ known }: Arrow): string {
  return known === "inferred" ? " (inferred)" : "";
}

/** Words for everything that a call takes, from the call's side. */
const TAKEN: Readonly<Record<Arrow["cargo"], ((arrow: Arrow, sender: string | undefined) => string) | undefined>> = {
  connection: (_, sender) =>
    sender === undefined ? "takes a connection from outside" : `takes the connection of ${sender}`,
  bytes: bytesFrom,
  datagram: bytesFrom,
  FIN: (_, sender) => `${sender} has ended the stream`,
  RST: (_, sender) => `${sender} has broken the connection`,
  "new socket": undefined,
};

function takenWords(arrow: Arrow): string | undefined {
  return TAKEN[arrow.cargo]?.(arrow, arrow.from === undefined ? undefined : short(arrow.from.lane.handle));
}

function bytesFrom({ bytes, cut }: Arrow, sender: string | undefined): string {
  const from = sender === undefined ? "from outside" : `from ${sender}`;
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"} ${from}${cut === true ? ", the rest is cut off" : ""}`;
}

function given(arrow: Arrow): string[] {
  if (arrow.cargo === "new socket") return [`new socket ${short(arrow.lane?.handle ?? "")}`];
  if (arrow.fate !== "lost" && arrow.fate !== "queued") return [];
  const where = arrow.lane === undefined ? "" : ` at ${short(arrow.lane.handle)}`;
  const what = arrow.notes === undefined ? `${arrow.cargo} in the queue` : arrow.notes[0];
  return [what + where + certainty(arrow)];
}

function group(arrows: readonly Arrow[], key: (arrow: Arrow) => LadderCall | undefined): Map<LadderCall, Arrow[]> {
  const groups = new Map<LadderCall, Arrow[]>();
  for (const arrow of arrows) {
    const call = key(arrow);
    if (call === undefined) continue;
    const list = groups.get(call);
    if (list === undefined) groups.set(call, [arrow]);
    else list.push(arrow);
  }
  return groups;
}

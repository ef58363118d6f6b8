import { textWidth } from "../measure";
import { type Picture, picture } from "../picture";
import { boxAt, document, lineTo, pathOf, px, textAt } from "../svg";
import { INK, PAGE, SIZE } from "../theme";
import { LAST_BOX, STATE_BOXES, type StateBox, TRANSITIONS, type Transition } from "./transitions";

const PITCH_X = 177;
const PITCH_Y = 82;
const LEFT = 96;
const TOP = 34;
const BOX_WIDTH = 112;
const BOX_HEIGHT = 32;
const WIDTH = PAGE;
const HEIGHT = TOP + 6 * PITCH_Y + 76;

const STYLE = [
  `.e{stroke:${INK.line};stroke-width:1.2;fill:none}`,
  `.eh{fill:${INK.line}}`,
  `.t{stroke:${INK.bytes};stroke-width:3;fill:none}`,
  `.th{fill:${INK.bytes}}`,
  `.st{fill:${INK.paper};stroke:${INK.quiet}}`,
  `.been{fill:${INK.shade};stroke:${INK.bytes};stroke-width:2}`,
  `.now{fill:${INK.text};stroke:${INK.text};stroke-width:2}`,
  `.ring{fill:none;stroke:${INK.text};stroke-width:2}`,
  `.num{fill:${INK.bytes};stroke:${INK.paper};stroke-width:2}`,
  `text.inv{fill:${INK.paper};font-weight:700}`,
].join("");

const WAYS = new Set(TRANSITIONS.map(({ from, to }) => `${from} ${to}`));

/**
 * The eleven states of TCP (RFC 9293, figure 5) with the way that one socket has gone, numbered, and the state it is in.
 *
 * @param path the states in which the socket was seen, in order, by the names that the tables have: the kernel's. States that it passed between two looks are not guessed.
 * @param current the state it is in, the last of the path unless told
 */
export function statesDiagram(path: readonly string[], current: string | undefined = path.at(-1)): Picture {
  const visits = boxesOf(path);
  const now = current === undefined ? undefined : currentBox(current, visits);
  const taken = new Set(visits.slice(1).map((box, index) => `${visits[index]} ${box}`));
  const body = [
    ...TRANSITIONS.map((transition) => way(transition, taken.has(`${transition.from} ${transition.to}`))),
    ...STATE_BOXES.map((_, index) => stateBox(index, visits, index === now)),
    ...TRANSITIONS.map(words),
    legend(
      visits.length > 0,
      [...taken].some((pair) => !WAYS.has(pair)),
    ),
  ].join("");
  return picture(document(WIDTH, HEIGHT, STYLE, body), inWords(path, visits, current), WIDTH, HEIGHT);
}

/** The boxes of the states, without repetitions. CLOSE is the last box once the socket has been elsewhere. */
function boxesOf(states: readonly string[]): number[] {
  const boxes: number[] = [];
  for (const state of states) {
    const box = boxOf(
      state,
      boxes.some((visited) => visited > 1),
    );
    if (box >= 0 && box !== boxes.at(-1)) boxes.push(box);
  }
  return boxes;
}

function boxOf(state: string, wasConnected: boolean): number {
  return state === "CLOSE" && wasConnected ? LAST_BOX : STATE_BOXES.findIndex(({ name }) => name === state);
}

function currentBox(state: string, visits: readonly number[]): number {
  const last = visits.at(-1);
  return last !== undefined && STATE_BOXES[last]!.name === state ? last : boxOf(state, visits.length > 1);
}

function middle({ column, row }: StateBox): [number, number] {
  return [LEFT + column * PITCH_X, TOP + row * PITCH_Y + BOX_HEIGHT / 2];
}

/** The two ends of a way: where the line between the middles leaves one box and meets the other. */
function ends({ from, to, aside = 0 }: Transition): [number, number, number, number] {
  const [x1, y1] = middle(STATE_BOXES[from]!);
  const [x2, y2] = middle(STATE_BOXES[to]!);
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [ox, oy] = [-dy * aside, dx * aside];
  const out = leave(dx, dy, ox, oy);
  const meet = leave(-dx, -dy, ox, oy) + 3;
  return [x1 + ox + dx * out, y1 + oy + dy * out, x2 + ox - dx * meet, y2 + oy - dy * meet];
}

/** How far it is from a point beside a box's middle to the box's edge. */
function leave(dx: number, dy: number, ox: number, oy: number): number {
  const wide = dx === 0 ? Number.POSITIVE_INFINITY : (Math.sign(dx) * (BOX_WIDTH / 2) - ox) / dx;
  const high = dy === 0 ? Number.POSITIVE_INFINITY : (Math.sign(dy) * (BOX_HEIGHT / 2) - oy) / dy;
  return Math.min(wide, high);
}

function way(transition: Transition, taken: boolean): string {
  const [x1, y1, x2, y2] = ends(transition);
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const size = taken ? 11 : 7;
  const back = [x2 - Math.cos((angle * Math.PI) / 180) * size, y2 - Math.sin((angle * Math.PI) / 180) * size] as const;
  const head = `<path class="${taken ? "th" : "eh"}" transform="translate(${px(x2)} ${px(y2)}) rotate(${px(angle)})" d="M0 0l${-size} ${-size / 2}v${size}z"/>`;
  return lineTo(x1, y1, back[0], back[1], taken ? "t" : "e") + head;
}

function words(transition: Transition): string {
  const [x1, y1, x2, y2] = ends(transition);
  const { along = 0.5, beside = [0, 0], anchor, words: lines } = transition;
  const x = x1 + (x2 - x1) * along + beside[0];
  const y = y1 + (y2 - y1) * along + beside[1];
  return lines
    .map((line, index) => textAt(x, y + index * 12, line, anchor === undefined ? "q s" : `q s ${anchor}`))
    .join("");
}

/** A state: the numbers of the visits at its left, and where the socket is now as a box in the reverse colours with a ring. */
function stateBox(index: number, visits: readonly number[], isNow: boolean): string {
  const state = STATE_BOXES[index]!;
  const turns = visits.flatMap((box, turn) => (box === index ? [`${turn + 1}`] : []));
  const [x, y] = middle(state);
  const left = x - BOX_WIDTH / 2;
  const top = y - BOX_HEIGHT / 2;
  const badge = numbers(left + 5, y, turns);
  const center = x + (badge.width === 0 ? 0 : badge.width / 2 + 2);
  const visited = turns.length > 0;
  const box = boxAt(left, top, BOX_WIDTH, BOX_HEIGHT, isNow ? "now" : visited ? "been" : "st", 6);
  if (!isNow) return box + badge.body + textAt(center, y + 4, state.name, `bare mid${visited ? " b" : ""}`);
  const ring = boxAt(left - 4, top - 4, BOX_WIDTH + 8, BOX_HEIGHT + 8, "ring", 9);
  const name = textAt(center, y - 1, state.name, "bare mid inv");
  return ring + box + badge.body + name + textAt(center, y + 11, "is here now", "bare mid inv s");
}

function numbers(left: number, y: number, turns: readonly string[]): { body: string; width: number } {
  if (turns.length === 0) return { body: "", width: 0 };
  const text = turns.length > 2 ? `${turns[0]}…${turns.at(-1)}` : turns.join(",");
  const width = textWidth(text, SIZE) + 10;
  return {
    body: boxAt(left, y - 9, width, 18, "num", 9) + textAt(left + width / 2, y + 4, text, "bare mid inv"),
    width,
  };
}

function legend(hasPath: boolean, gaps: boolean): string {
  const y = HEIGHT - 14;
  if (!hasPath) return textAt(12, y, "No state has been seen yet.", "q s");
  const unseen = gaps ? textAt(12, y, "No thick arrow between two numbers: it passed other states unseen.", "q s") : "";
  const way = gaps ? y - 15 : y;
  const sample = lineTo(12, way - 4, 32, way - 4, "t") + pathOf(`M40 ${px(way - 4)}l-11 -5.5v11z`, "th");
  return sample + textAt(48, way, "the way it went, numbered", "q s") + unseen;
}

function inWords(path: readonly string[], visits: readonly number[], current: string | undefined): string {
  const names = visits.map((box) => STATE_BOXES[box]!.name);
  const unknown = path.filter((state) => !STATE_BOXES.some(({ name }) => name === state));
  const way =
    names.length === 0
      ? "No state has been seen yet."
      : `The socket went: ${names.map((name, index) => `${index + 1} ${name}`).join(", ")}.`;
  const now = current === undefined ? "" : ` It is in ${current} now.`;
  const rest = unknown.length === 0 ? "" : ` Unknown: ${unknown.join(", ")}.`;
  return `TCP state diagram (RFC 9293, figure 5). ${way}${now}${rest}`;
}

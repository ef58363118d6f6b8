/**
 * A box of the diagram, and its middle on a grid of columns and rows: a state of RFC 9293, section 3.3.2, by the kernel's name, as in the
 * tables. The RFC writes CLOSED for CLOSE, SYN-RECEIVED for SYN_RECV, and hyphens.
 */
export interface StateBox {
  readonly name: string;
  readonly column: number;
  readonly row: number;
}

/** Where figure 5 of RFC 9293 has them, more or less; like it, with CLOSE twice: where a socket begins, and where it ends. */
export const STATE_BOXES: readonly StateBox[] = [
  { name: "CLOSE", column: 1, row: 0 },
  { name: "LISTEN", column: 0, row: 1 },
  { name: "SYN_SENT", column: 2, row: 1 },
  { name: "SYN_RECV", column: 0, row: 2 },
  { name: "ESTABLISHED", column: 1, row: 3 },
  { name: "FIN_WAIT1", column: 0, row: 4 },
  { name: "CLOSE_WAIT", column: 2, row: 4 },
  { name: "FIN_WAIT2", column: 0, row: 5 },
  { name: "CLOSING", column: 1, row: 5 },
  { name: "LAST_ACK", column: 2, row: 5 },
  { name: "TIME_WAIT", column: 1, row: 6 },
  { name: "CLOSE", column: 2, row: 6 },
];

/** The number of the box in which a socket ends. */
export const LAST_BOX = STATE_BOXES.length - 1;

/** A way from a box to a box, by their numbers, and what makes a socket go it. */
export interface Transition {
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
  /** How far along the way the words stand, 0.5 unless told, and how far beside it: pixels to the right and down. */
  readonly along?: number;
  readonly beside?: readonly [number, number];
  readonly anchor?: "mid" | "end";
  /** Pixels by which the way itself is moved to the side, where two ways join the same boxes. */
  readonly aside?: number;
}

const box = (name: string): number => STATE_BOXES.findIndex((state) => state.name === name);

const above = { beside: [4, -18] } as const;
const toTheLeft = { anchor: "end", beside: [-8, -2] } as const;
const toTheRight = { beside: [8, -2] } as const;

export const TRANSITIONS: readonly Transition[] = [
  { from: box("CLOSE"), to: box("LISTEN"), words: ["listen()"], anchor: "end", beside: [-6, -7], aside: 7 },
  { from: box("LISTEN"), to: box("CLOSE"), words: ["close()"], beside: [10, 13], aside: 7 },
  { from: box("CLOSE"), to: box("SYN_SENT"), words: ["connect():", "sends SYN"], ...above, aside: -7 },
  {
    from: box("SYN_SENT"),
    to: box("CLOSE"),
    words: ["refused", "or close()"],
    anchor: "end",
    beside: [-8, 14],
    aside: -7,
  },
  { from: box("LISTEN"), to: box("SYN_RECV"), words: ["SYN arrives:", "sends SYN, ACK"], ...toTheLeft },
  {
    from: box("SYN_SENT"),
    to: box("SYN_RECV"),
    words: ["SYN arrives: sends ACK"],
    anchor: "mid",
    beside: [0, -15],
  },
  { from: box("SYN_RECV"), to: box("ESTABLISHED"), words: ["ACK arrives"], along: 0.45, beside: [4, -6] },
  {
    from: box("SYN_SENT"),
    to: box("ESTABLISHED"),
    words: ["SYN, ACK arrive:", "sends ACK"],
    along: 0.45,
    beside: [10, 9],
  },
  { from: box("SYN_RECV"), to: box("FIN_WAIT1"), words: ["close():", "sends FIN"], ...toTheLeft },
  { from: box("ESTABLISHED"), to: box("FIN_WAIT1"), words: ["close():", "sends FIN"], beside: [8, 14] },
  { from: box("ESTABLISHED"), to: box("CLOSE_WAIT"), words: ["FIN arrives:", "sends ACK"], along: 0.4, ...above },
  { from: box("FIN_WAIT1"), to: box("FIN_WAIT2"), words: ["ACK arrives"], anchor: "end", beside: [-8, 3] },
  { from: box("FIN_WAIT1"), to: box("CLOSING"), words: ["FIN arrives:", "sends ACK"], along: 0.4, ...above },
  { from: box("CLOSE_WAIT"), to: box("LAST_ACK"), words: ["close():", "sends FIN"], ...toTheRight },
  {
    from: box("FIN_WAIT2"),
    to: box("TIME_WAIT"),
    words: ["FIN arrives:", "sends ACK"],
    anchor: "end",
    beside: [-10, 14],
  },
  { from: box("CLOSING"), to: box("TIME_WAIT"), words: ["ACK arrives"], along: 0.15, beside: [8, 3] },
  { from: box("LAST_ACK"), to: LAST_BOX, words: ["ACK arrives"], anchor: "end", along: 0.15, beside: [-8, 3] },
  { from: box("TIME_WAIT"), to: LAST_BOX, words: ["after a while:", "60 s on Linux"], anchor: "mid", beside: [0, -34] },
];

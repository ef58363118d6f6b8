import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

// Its types stay inside the package: what is needed of them stands here.
interface Socket {
  readonly name: string;
  readonly peers: readonly never[];
}
interface Underway {
  add(message: object): void;
  settle(message: object): void;
  fitting(call: object, receiver: Socket): { call: { index: number } }[];
  at(receiver: Socket): { call: { index: number } }[];
}
const { DatagramsUnderway } = createRequire(import.meta.url)(
  "kernel-helpers/dist/conversation/datagrams-underway.js",
) as { DatagramsUnderway: new (reach: object) => Underway };

const socketOf = (name: string): Socket => ({ name, peers: [] });
const [pen, quill, box, heap] = ["pen", "quill", "box", "heap"].map(socketOf) as [Socket, Socket, Socket, Socket];

/** Bytes as the record keeps them, and how many there were. */
interface Bytes {
  data: number[] | string | undefined;
  bytes: number;
}
const ONE: Bytes = { data: [1], bytes: 1 };

let looked = 0;
function message(
  index: number,
  sender: Socket,
  receiver: Socket | "outside" | undefined,
  { data, bytes }: Bytes = ONE,
) {
  const call = { index, at: index, step: { result: bytes, data } };
  const about = { call, sender, receiver, bytes, target: "127.0.0.1:53", toMany: false, takenBy: [] };
  let settled = false;
  return {
    ...about,
    get settled() {
      looked += 1;
      return settled;
    },
    set settled(value: boolean) {
      settled = value;
    },
  };
}
const received = { index: 9999, at: 9999, step: { result: 1, asked: 1, data: [1] } };
const indices = (found: { call: { index: number } }[]): number[] => found.map(({ call }) => call.index);

function underwayWith(...messages: object[]): Underway {
  const underway = new DatagramsUnderway({ arrives: () => true });
  for (const one of messages) underway.add(one);
  return underway;
}

it("looks for what a socket has received among what it can have been given, however much lies at others", () => {
  const flood = Array.from({ length: 2000 }, (_, index) => message(index, pen, heap));
  const underway = underwayWith(...flood, message(3000, pen, box));
  looked = 0;
  for (let round = 0; round < 100; round++) expect(indices(underway.fitting(received, box))).toEqual([3000]);
  // Each time at one. With one list for all it was 200,100 times.
  expect(looked).toBeLessThan(1000);
});

describe("what begins as it does", () => {
  const text = (words: string): Bytes => ({ data: words.slice(0, 32), bytes: Buffer.byteLength(words) });
  const sent = (index: number, what: Bytes) => message(index, pen, box, what);
  const receive = ({ data, bytes }: Bytes, asked = 2048) => ({
    ...received,
    step: { result: bytes, asked, data },
  });

  it("is looked for among two thousand numbered ones at the same socket, and another sender's elsewhere", () => {
    const flood = Array.from({ length: 2000 }, (_, index) => sent(index, text(`letter ${index}`.padEnd(1400))));
    const underway = underwayWith(...flood, message(3000, quill, undefined));
    looked = 0;
    for (let i = 0; i < 100; i++)
      expect(indices(underway.fitting(receive(text(`letter ${i}`.padEnd(1400))), box))).toEqual([i]);
    // With one list for a socket it was 200,100 times.
    expect(looked).toBeLessThan(1000);
  });

  it("is found with what it can be besides: bytes that the record does not show, and a longer one that was cut", () => {
    const long = text("the same beginning, and then something else");
    const other = text("the same beginning, and then another end!!!");
    const underway = underwayWith(
      sent(1, { ...long, data: undefined }),
      sent(2, long),
      sent(3, { ...long, data: "the same" }),
      sent(4, text("no")),
      sent(5, text("not it")),
      sent(6, { ...text("no"), data: undefined }),
    );
    const first = (call: object) => {
      const [one] = underway.fitting(call, box);
      if (one !== undefined) underway.settle(one);
      return one?.call.index;
    };
    // Their first 32 bytes are equal, and more of them nobody has kept.
    expect([first(receive(other)), first(receive(long)), first(receive(long)), first(receive(long))]).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
    // Cut to what was asked for: the first of those that are as long or longer. Whole: the one that is as long.
    expect(first(receive(text("no"), 2))).toBe(4);
    expect(first(receive(text("no"), 2))).toBe(5);
    expect(first(receive(text("no")))).toBe(6);
    expect(first(receive({ data: undefined, bytes: 6 }))).toBeUndefined();
  });

  it("is compared as bytes, whichever way it was kept", () => {
    for (const words of ["eleven byte\u{1f600}", "a b c d e é", "twelve bytes"]) {
      const bytes = [...Buffer.from(words)];
      const one = { data: bytes.slice(0, 20), bytes: bytes.length };
      expect(indices(underwayWith(sent(1, text(words))).fitting(receive(one), box)), words).toEqual([1]);
      expect(indices(underwayWith(sent(1, one)).fitting(receive(text(words)), box)), words).toEqual([1]);
    }
  });
});

it("finds the first, the next one and one of another sender, in the order in which they were sent", () => {
  const underway = underwayWith(
    message(1, pen, box, { data: [2], bytes: 1 }),
    message(2, pen, undefined),
    message(3, pen, box),
    message(4, pen, "outside"),
    message(5, quill, heap),
    message(6, quill, undefined),
    message(7, quill, box),
  );
  expect(indices(underway.fitting(received, box))).toEqual([2, 3, 6]);
  expect(indices(underway.at(box))).toEqual([1, 3, 7]);
});

it("finds no more what is settled, also when the lists are made shorter", () => {
  const many = Array.from({ length: 250 }, (_, index) => message(index, pen, box));
  const underway = underwayWith(...many, message(500, pen, undefined));
  for (const one of many.slice(0, 249)) underway.settle(one);
  expect(indices(underway.fitting(received, box))).toEqual([249, 500]);
  underway.settle(many[249]!);
  expect(indices(underway.fitting(received, box))).toEqual([500]);
  expect(underway.at(box)).toEqual([]);
});

import { createRequire } from "node:module";
import { expect, it } from "vitest";

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

let looked = 0;
function message(index: number, sender: Socket, receiver: Socket | "outside" | undefined, byte = 1) {
  const call = { index, at: index, step: { result: 1, data: [byte] } };
  const about = { call, sender, receiver, bytes: 1, target: "127.0.0.1:53", toMany: false, takenBy: new Set() };
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

it("finds the first, the next one and one of another sender, in the order in which they were sent", () => {
  const underway = underwayWith(
    message(1, pen, box, 2),
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

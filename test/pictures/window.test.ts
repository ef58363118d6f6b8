import { describe, expect, it } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { ladders } from "./scenes/index.mjs";
import { datagramSocket, did, waited } from "./scenes/steps.mjs";

const once = [...ladders["two-clients"]!.scene.steps];
/** A notebook that is run again opens the same names: what was open is closed then, the accepted ones first. */
const again = [
  ...["server→2", "server→1", "server"].map((handle, n) => did(handle, "close", 100 + n)),
  ...once
    .map((step) => ({ ...step, start: step.start + 200, end: (step.end ?? step.start) + 200 }))
    .flatMap((step) =>
      step.call === "socket" && step.handle !== "server"
        ? [did(step.handle, "close", step.start - 0.01), step]
        : [step],
    ),
];

describe("a ladderPicture of the last calls of a notebook that was run twice", () => {
  const sentences = (alt: string): string[] => alt.split(/(?<=\.) (?=\S+ (?:ms|s|min), )/);

  it.each([18, 20, 22, 24])("begins where the second run begins: last %i", (last) => {
    const { alt } = ladderPicture({ steps: [...once, ...again] }, { last });
    expect(alt).not.toContain("close = 0");
    expect(sentences(alt)[1]).toMatch(/ (server|anna): /);
    expect(alt).toMatch(/\d+ earlier calls left out\./);
  });

  it("keeps the close of a socket that is not opened again", () => {
    const steps = [...once, ...again, did("carla", "close", 300)];
    expect(ladderPicture({ steps }, { last: 5 }).alt).toContain("carla: close = 0");
  });

  it("says the descriptors of the sockets that it shows, and no others", () => {
    const later = again.map((step) =>
      step.call === "socket" ? { ...step, fd: step.fd! + 60, result: step.result! + 60 } : step,
    );
    const numbers = (last?: number): string[] =>
      ladderPicture({ steps: [...once, ...later] }, last === undefined ? {} : { last }).svg.match(/fd \d[\d, ]*/g) ??
      [];
    expect(numbers().some((words) => words.includes(","))).toBe(true);
    expect(numbers(20).length).toBeGreaterThan(0);
    expect(numbers(20).filter((words) => words.includes(","))).toEqual([]);
  });

  it("shows both runs whole when it shows everything", () => {
    const { alt } = ladderPicture({ steps: [...once, ...again] });
    expect(alt.match(/close = 0/g)).toHaveLength(6);
    expect(alt).not.toContain("left out");
  });
});

describe("a name that is opened again", () => {
  const steps = [...once, ...again];
  const states = (since: (time: number) => number | undefined) => [
    { handle: "anna", at: 1.5, since: since(1.1), state: "ESTABLISHED" },
    { handle: "anna", at: 202, since: since(201.1), state: "ESTABLISHED" },
    { handle: "anna", at: 203, since: since(1.1), state: "TIME_WAIT" },
    { handle: "anna", at: 240, since: since(1.1), state: "CLOSE" },
    { handle: "anna", at: 250, since: since(201.1), state: "CLOSE_WAIT" },
  ];
  const told = (alt: string): string[] => alt.match(/anna is now \w+/g) ?? [];

  it("has its own states, and not those that the system keeps of the socket before it", () => {
    expect(told(ladderPicture({ steps, states: states((time) => time) }).alt)).toEqual([
      "anna is now ESTABLISHED",
      "anna is now ESTABLISHED",
      "anna is now CLOSE_WAIT",
    ]);
  });

  it("takes what is told of the name where it is not told which socket was seen", () => {
    expect(told(ladderPicture({ steps, states: states(() => undefined) }).alt)).toHaveLength(4);
  });
});

it("an arrow to a call that is not drawn goes towards its lane", () => {
  const at = "127.0.0.1:40001";
  const steps = [
    datagramSocket("ear", 0, 21),
    datagramSocket("mouth", 0.1, 22),
    did("ear", "bind", 0.2, { address: at }),
    waited("ear", "recvfrom", 1, 9, { result: 5, asked: 100, address: "127.0.0.1:40002" }),
    did("mouth", "sendto", 8, { address: at, local: "127.0.0.1:40002", result: 5 }),
    did("ear", "setsockopt", 10),
  ];
  const { svg } = ladderPicture({ steps }, { last: 2 });
  const [, from, to] = /class="a d" d="M(\d+) [\d.]+H(\d+)"/.exec(svg) ?? [];
  expect(Number(to)).toBeLessThan(Number(from));
});

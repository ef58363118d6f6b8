import { describe, expect, it } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { ladders } from "./scenes/index.mjs";
import { did } from "./scenes/steps.mjs";

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

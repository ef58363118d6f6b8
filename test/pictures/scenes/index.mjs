import { datagrams } from "./datagrams.mjs";
import { others } from "./others.mjs";
import { processes } from "./processes.mjs";
import { connected, did, got, payload } from "./steps.mjs";
import { streams } from "./streams.mjs";

/**
 * Tiny scenes that are gallery, example and golden test at once.
 *
 * @typedef {import("../../../kernel-helpers/dist/pictures/index.js").LadderScene} LadderScene
 * @typedef {import("../../../kernel-helpers/dist/conversation/index.js").ConversationStep} LadderStep
 * @typedef {import("../../../kernel-helpers/dist/pictures/index.js").LadderOptions} LadderOptions
 * @typedef {Record<string, { what: string, scene: LadderScene, options?: LadderOptions }>} Ladders
 */

/** @param {number} calls */
export function longConversation(calls) {
  /** @type {LadderStep[]} */
  const steps = [...connected];
  for (let round = 0; steps.length < calls; round += 1) {
    const at = 10 + round * 3;
    const text = `message ${round}`;
    steps.push(did("client", "send", at, payload(text)), did("server→1", "recv", at + 1, got(text)));
  }
  return { steps: steps.slice(0, calls) };
}

/** @type {Ladders} */
export const ladders = {
  ...streams,
  ...datagrams,
  ...processes,
  ...others,
  "last-calls": {
    what: "The last six of five hundred calls.",
    scene: longConversation(500),
    options: { last: 6 },
  },
  "only-some": {
    what: "Only the server's side.",
    scene: { steps: streams.connection?.scene.steps ?? [] },
    options: { only: ["server", "server→1"] },
  },
};

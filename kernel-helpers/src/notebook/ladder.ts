import { elements, fields, isList } from "../bytes/arguments";
import { actsAtOnce, shownOf } from "../calls";
import { observedStates, type Snapshot } from "../inspection";
import type { LadderOptions } from "../pictures/ladder/options";
import type { LadderScene } from "../pictures/ladder/scene";
import { handlesAtEnd } from "../processes/handles-at-end";
import { foreignNetworks, type Network } from "../processes/networks";
import { steps } from "../trace";
import { show } from "./display";
import { conversation, pictures } from "./lazy";
import { queues } from "./queues";
import { takeSnapshot } from "./snapshot";
import { noteStates } from "./states";

/**
 * Draws the calls so far as a sequence diagram: one lane for each handle, time downwards, arrows for connections and bytes, waits as bars,
 * errors with their names, and the TCP states as the system told them.
 *
 * A solid arrow is what the system has told, a dashed one what follows from the order of the calls or a rule of the system; where nobody can
 * know who received something, there is none.
 *
 * @param options `last`: only the last so many calls, 1 or more (200 unless told; 1,000 at most are drawn); `only`: only the lanes of these handles, by name
 * @throws Errors: TypeError and RangeError for other options
 */
export function ladder(options: LadderOptions = {}): void {
  const checked = checkOptions(options);
  const picture = pictures().ladderPicture(sceneOf(takeSnapshot()), checked);
  show(pictures().asFigure(picture), pictures().asText(picture));
}

/**
 * Everything that a ladder of this moment is drawn from: the calls, and what the system says.
 *
 * @internal
 */
export function sceneOf(snapshot: Snapshot<Network>): LadderScene {
  noteStates(snapshot);
  return {
    steps: conversation().fromSteps(steps(), { shownOf, actsAtOnce }),
    states: observedStates(),
    ...queues(snapshot),
    networks: foreignNetworks(),
    ends: handlesAtEnd(),
    now: performance.now(),
  };
}

function checkOptions(options: unknown): LadderOptions {
  if (typeof options !== "object" || options === null || isList(options))
    throw new TypeError("ladder() takes its options in braces: ladder({ last: 20 }), or none: ladder().");
  const { last, only } = fields("What ladder() is given", options, ["last", "only"]);
  if (last !== undefined && typeof last !== "number")
    throw new TypeError("last is how many of the last calls to draw, a number: ladder({ last: 20 }).");
  if (last !== undefined && !((last as number) >= 1))
    throw new RangeError(`last is how many of the last calls to draw, 1 or more, and not ${last}.`);
  const names = isList(only) ? elements("only", only, MOST_NAMES) : only;
  if (names !== undefined && !(isList(names) && names.every((name) => typeof name === "string")))
    throw new TypeError('only is a list of names of handles: ladder({ only: ["server", "client"] }).');
  return { ...(last === undefined ? {} : { last }), ...(names === undefined ? {} : { only: names }) } as LadderOptions;
}

const MOST_NAMES = 10_000;

import { actsAtOnce, shownOf } from "../calls";
import { observedStates, type Snapshot } from "../inspection";
import type { LadderOptions } from "../pictures/ladder/options";
import type { LadderScene } from "../pictures/ladder/scene";
import { handlesAtEnd } from "../processes/handles-at-end";
import { foreignNetworks, type Network } from "../processes/networks";
import { trace } from "../trace";
import { show } from "./display";
import { drops } from "./drops";
import { conversation, pictures } from "./lazy";
import { checkLadderOptions } from "./picture-options";
import { takeSnapshot } from "./snapshot";
import { noteStates } from "./states";

/**
 * Draws the calls so far as a sequence diagram: one lane for each handle, time downwards, arrows for connections and bytes, waits as bars,
 * errors with their names, and the TCP states as the system told them.
 *
 * @param options `last`: only the last so many calls, 1 to 1,000 (200 unless told); `only`: only the lanes of these handles, by name
 * @throws Errors: TypeError and RangeError for other options
 */
export function ladder(options: LadderOptions = {}): void {
  checkLadderOptions(options);
  const picture = pictures().ladder(sceneOf(takeSnapshot()), options);
  show(pictures().asFigure(picture), picture.alt);
}

/**
 * Everything that a ladder of this moment is drawn from: the calls, and what the system says.
 *
 * @internal
 */
export function sceneOf(snapshot: Snapshot<Network>): LadderScene {
  noteStates(snapshot);
  return {
    steps: conversation().fromSteps(trace.steps(), { shownOf, actsAtOnce }),
    states: observedStates(),
    drops: drops(snapshot),
    networks: foreignNetworks(),
    ends: handlesAtEnd(),
    now: performance.now(),
  };
}

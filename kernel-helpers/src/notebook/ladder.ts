import { actsAtOnce, opensSocket, shownOf } from "../calls";
import { statesSeen } from "../handles/tcp-states/seen";
import type { LadderOptions, LadderScene } from "../pictures/scene";
import { handlesAtEnd } from "../processes/handles-at-end";
import { foreignNetworks } from "../processes/networks";
import { trace } from "../trace";
import { show } from "./display";
import { drops } from "./drops";
import { pictures } from "./lazy";
import { lookAtStates } from "./states";

/**
 * Draws the calls so far as a sequence diagram: one lane for each handle, time downwards, arrows for connections and bytes, waits as bars,
 * errors with their names, and the TCP states as the system told them.
 *
 * @param options `last`: only the last so many calls (200 unless told); `only`: only the lanes of these handles, by name
 */
export function ladder(options: LadderOptions = {}): void {
  const picture = pictures().ladder(sceneNow(), options);
  show(pictures().asFigure(picture), picture.alt);
}

/**
 * Everything that a ladder of this moment is drawn from.
 *
 * @internal
 */
export function sceneNow(): LadderScene {
  lookAtStates();
  return {
    steps: pictures().fromSteps(trace.steps(), { shownOf, opensSocket, actsAtOnce }),
    states: statesSeen(),
    drops: drops(),
    networks: foreignNetworks(),
    ends: handlesAtEnd(),
    now: performance.now(),
  };
}

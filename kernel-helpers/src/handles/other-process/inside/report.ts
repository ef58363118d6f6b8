import { isSilent } from "../../../cells";
import { inodeOf } from "../../../inspection";
import { keepNothing, type Step, trace, watchSteps } from "../../../trace";
import { tellStates } from "../../../inspection/state-looks";
import type { StepHead } from "../messages";
import { factsOf, factsOfName } from "./made";
import { send } from "./send";

function headOf({ id, handle, name, fd, silent, start, local, peer, opened }: Step): StepHead {
  return { id, handle, name, fd, silent, start, local, peer, opened };
}

/** From now on the notebook is told of every step and every call, and nothing is printed or kept here. */
export function reportSteps(): void {
  trace.off();
  keepNothing();
  watchSteps({
    called(owner, record) {
      if ("calls" in owner) send({ tell: "called", step: headOf(owner), record });
      else send({ tell: "backstage", handle: owner.handle, printed: owner.printed, record });
    },
    waits(step, what) {
      send({ tell: "waits", step: headOf(step), what, from: step.waitedFrom ?? step.start });
    },
    ended(step) {
      const { outcome, end } = step;
      send({ tell: "ended", step: headOf(step), outcome: outcome!, at: end!, facts: factsOfName(step.handle) });
    },
    said(sentence) {
      send({ tell: "said", sentence, silent: isSilent() });
    },
  });
}

/** The notebook is told of every TCP state, when this process looks. */
export function reportStates(): void {
  tellStates((handle, _core, state, at) => {
    send({ tell: "state", facts: factsOf(handle), inode: inodeOf(handle.fd), state, at });
  });
}

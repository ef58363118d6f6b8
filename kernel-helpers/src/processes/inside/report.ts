import { isSilent } from "../../cells";
import { tellStates } from "../../handles/tcp-states/watch";
import { inodeOf } from "../../inspection";
import { keepNothing, type Step, trace, watchSteps } from "../../trace";
import type { StepHead } from "../messages";
import { factsOfName, factsOfSocket } from "./handle-numbers";
import { tell } from "./tell";

function headOf({ id, handle, name, fd, silent, start, local, peer, opened }: Step): StepHead {
  return { id, handle, name, fd, silent, start, local, peer, opened };
}

/** From now on the notebook is told of every step and every call, and nothing is printed or kept here. */
export function reportSteps(): void {
  trace.off();
  keepNothing();
  watchSteps({
    called(owner, record) {
      if ("calls" in owner) tell({ tell: "called", step: headOf(owner), record });
      else tell({ tell: "backstage", handle: owner.handle, printed: owner.printed, record });
    },
    waits(step, what) {
      tell({ tell: "waits", step: headOf(step), what, from: step.waitedFrom ?? step.start });
    },
    ended(step) {
      const { outcome, end } = step;
      tell({ tell: "ended", step: headOf(step), outcome: outcome!, at: end!, facts: factsOfName(step.handle) });
    },
    said(sentence) {
      tell({ tell: "said", sentence, silent: isSilent() });
    },
  });
}

/** The notebook is told of every TCP state, when this process looks. */
export function reportStates(): void {
  tellStates((sock, state, at) => {
    tell({ tell: "state", facts: factsOfSocket(sock), inode: inodeOf(sock.fd), state, at });
  });
}

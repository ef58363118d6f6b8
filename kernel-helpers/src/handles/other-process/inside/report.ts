import { isSilent } from "../../../cells";
import { inodeOf, tcpInfo, tellStates, whileLooking } from "../../../inspection";
import { keepNothing, type Step, trace, watchSteps } from "../../../trace";
import { openNamed } from "../../registry";
import type { StepHead } from "../messages";
import { factsOf, factsOfName, noteBacklog } from "./made";
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
      if (step.name === "listen") learnBacklog(step.handle);
      send({ tell: "ended", step: headOf(step), outcome: outcome!, at: end!, facts: factsOfName(step.handle) });
    },
    said(sentence) {
      send({ tell: "said", sentence, silent: isSilent() });
    },
  });
}

/** What the system has made of the backlog: it is in none of the tables that the notebook can read. */
function learnBacklog(name: string): void {
  const handle = openNamed(name)?.handle;
  const info = handle && whileLooking(() => tcpInfo(handle.fd));
  if (handle !== undefined && info?.state === "LISTEN") noteBacklog(handle, info.backlog);
}

/** The notebook is told of every TCP state, when this process looks. */
export function reportStates(): void {
  tellStates(({ name }, state, at) => {
    const handle = openNamed(name)?.handle;
    if (handle !== undefined) send({ tell: "state", facts: factsOf(handle), inode: inodeOf(handle.fd), state, at });
  });
}

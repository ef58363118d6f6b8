import type { CallName } from "../../calls/table";
import { isSilent } from "../../cells";
import { openNamed } from "../../handles/registry";
import { inodeOf, tcpInfo, tellStates, whileLooking } from "../../inspection";
import { keepNothing, type Step, trace, watchSteps } from "../../trace";
import type { StepHead } from "../messages";
import { factsOfName, factsOfSocket, noteBacklog } from "./handle-numbers";
import { runOfCall, runOfStep } from "./run-of-call";
import { tell } from "./tell";

function headOf(step: Step): StepHead {
  const { id, handle, name, fd, silent, start, local, peer, opened } = step;
  return { id, handle, name, fd, silent, start, local, peer, opened, run: runOfStep(step) };
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
      const { outcome, end, readyAt } = step;
      if (step.name === "listen") learnBacklog(step.handle);
      const facts = changesNothing(step) ? undefined : factsOfName(step.handle);
      tell({ tell: "ended", step: headOf(step), outcome: outcome!, at: end!, readyAt, facts });
      // Nobody in the notebook has asked for what a server accepts.
      if (step.opened !== undefined) tellOf(step.opened);
    },
    said(sentence) {
      tell({ tell: "said", sentence, silent: isSilent(), run: runOfCall() });
    },
  });
}

/** Calls of a server's conversations, thousands a second: what there is to say of their sockets stays as it was told. */
const OF_DATA: ReadonlySet<CallName> = new Set(["send", "recv", "sendto", "recvfrom", "sendmsg", "recvmsg"]);

function changesNothing({ name, handle }: Step): boolean {
  return OF_DATA.has(name) && openNamed(handle)?.background === true;
}

function tellOf(name: string): void {
  const facts = factsOfName(name);
  if (facts !== undefined) tell({ tell: "handle", facts });
}

/** What the system has made of the backlog: it is in none of the tables that the notebook can read. */
function learnBacklog(name: string): void {
  const sock = openNamed(name);
  const info = sock && whileLooking(() => tcpInfo(sock.fd));
  if (sock !== undefined && info?.state === "LISTEN") noteBacklog(sock, info.backlog);
}

/** The notebook is told of every TCP state, when this process looks. */
export function reportStates(): void {
  tellStates(({ name }, state, at) => {
    const sock = openNamed(name);
    if (sock !== undefined) tell({ tell: "state", facts: factsOfSocket(sock), inode: inodeOf(sock.fd), state, at });
  });
}

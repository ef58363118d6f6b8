import { openHandles } from "../handles/registry";
import { inodeOf, socketTable } from "../inspection";
import type { Drops, LadderOptions } from "../pictures/scene";
import { trace } from "../trace";
import { show } from "./display";
import { pictures } from "./lazy";
import { lookAtStates, statesSeen } from "./states";

/**
 * Draws the calls so far as a sequence diagram: one lane for each handle, time downwards, arrows for connections and bytes, waits as bars,
 * errors with their names, and the TCP states as the system told them.
 *
 * @param options `last`: only the last so many calls (200 unless told); `only`: only the lanes of these handles, by name
 */
export function ladder(options: LadderOptions = {}): void {
  const { html, words } = ladderNow(options);
  show(html, words);
}

/**
 * The ladder of this moment, as HTML and in words.
 *
 * @internal
 */
export function ladderNow(options: LadderOptions): { html: string; words: string } {
  lookAtStates();
  const scene = {
    steps: pictures().fromSteps(trace.steps()),
    states: statesSeen(),
    drops: drops(),
    now: performance.now(),
  };
  const picture = pictures().ladder(scene, options);
  return { html: pictures().asImage(picture), words: picture.alt };
}

/** Datagrams that the system has dropped because a handle's receive queue was full. */
function drops(): Drops[] {
  const datagram = openHandles().filter(({ core }) => core.isDatagram && core.isInternet);
  if (datagram.length === 0) return [];
  const rows = new Map(socketTable(["udp", "udp6"]).map((row) => [row.inode, row]));
  return datagram.flatMap(({ core }) => {
    const count = rows.get(inodeOf(core.fd) ?? -1)?.drops ?? 0;
    return count === 0 ? [] : [{ handle: core.name, pid: process.pid, count }];
  });
}

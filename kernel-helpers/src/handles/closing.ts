import { whole } from "../cells";
import { SENTENCES } from "../errors/sentences";
import { say, trace } from "../trace";
import { neighbours } from "./neighbours";
import type { OwnSocket } from "./open-socket";
import { closeEach, closeSocket, openHandles } from "./registry";

/**
 * close(2) on a handle.
 *
 * @internal
 */
export function closeHandle(sock: OwnSocket): void {
  const before = sock.closed;
  if (before !== undefined) {
    const where = before.cell === undefined ? "" : ` (in cell ${before.cell})`;
    say(SENTENCES.closedAlready(sock.name, where));
  } else if (sock.hasItsDescriptor()) closeSocket(sock, SENTENCES.wasClosed());
  else say(SENTENCES.closedElsewhere(sock.name));
}

/**
 * Closes every open handle, the newest first, and ends the other processes.
 *
 * @throws Errors: none
 */
export function closeAll(): void {
  whole(closeEverything);
}

function closeEverything(): void {
  const handles = openHandles();
  const processes = neighbours();
  if (handles.length === 0 && processes.length === 0 && trace.mode === "short") say(SENTENCES.noHandleOpen());
  closeEach(handles, SENTENCES.closedByAll());
  for (const process of processes) process.endNow("was ended by closeAll()");
}

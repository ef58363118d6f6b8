import { say, trace } from "../trace";
import { neighbours } from "./neighbours";
import type { OwnSocket } from "./open-socket";
import { closeEach, closeSocket, openHandles } from "./registry";

/** close(2) on a handle. */
export function closeHandle(sock: OwnSocket): void {
  if (sock.closed === undefined) {
    closeSocket(sock, "It was closed");
    return;
  }
  const where = sock.closed.cell === undefined ? "" : ` (in cell ${sock.closed.cell})`;
  say(`"${sock.name}" is closed already${where}: nothing to do.`);
}

/**
 * Closes every open handle, the newest first, and ends the other processes.
 *
 * @throws Errors: none
 */
export function closeAll(): void {
  const handles = openHandles();
  const processes = neighbours();
  if (handles.length === 0 && processes.length === 0 && trace.mode === "short") say("No handle is open.");
  closeEach(handles, "closeAll() closed it");
  for (const process of processes) process.endNow("was ended by closeAll()");
}

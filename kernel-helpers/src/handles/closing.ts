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
    say(`"${sock.name}" is closed already${where}: nothing to do.`);
  } else if (sock.hasItsDescriptor()) closeSocket(sock, "It was closed");
  else say(`Other code closed the descriptor of "${sock.name}": nothing is left to close.`);
}

/** Closes every open handle, the newest first, and ends the other processes. */
export function closeAll(): void {
  const handles = openHandles();
  const processes = neighbours();
  if (handles.length === 0 && processes.length === 0 && trace.mode === "short") say("No handle is open.");
  closeEach(handles, "closeAll() closed it");
  for (const process of processes) process.endNow("was ended by closeAll()");
}

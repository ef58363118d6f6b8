import { processWide } from "../cells";
import type { NamedSocket } from "./named-socket";
import type { OwnSocket } from "./open-socket";

const sockets = processWide("sockets of handles", () => new WeakMap<object, NamedSocket>());
const handles = processWide("handles of sockets", () => new WeakMap<OwnSocket, object>());

/**
 * What a handle stands for; undefined when it is no handle of this process.
 *
 * @internal
 */
export function socketOf(handle: object): NamedSocket | undefined {
  return typeof handle === "object" && handle !== null ? sockets.get(handle) : undefined;
}

/**
 * Notes what a new handle stands for.
 *
 * @internal
 */
export function standsFor(handle: object, sock: NamedSocket): void {
  sockets.set(handle, sock);
  handles.set(sock, handle);
}

/**
 * The handle that stands for a socket.
 *
 * @internal
 */
export function handleOf(sock: OwnSocket): object | undefined {
  return handles.get(sock);
}

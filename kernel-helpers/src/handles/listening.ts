import { listen } from "../calls";
import { say } from "../trace";
import type { NamedSocket } from "./named-socket";

/** listen(2) on a handle. */
export function listenOn(sock: NamedSocket, backlog: number): void {
  sock.now("listen", () => listen(sock.fd, backlog));
  if (sock.local !== undefined || !sock.isInternet) return;
  sock.quietly(() => sock.learnLocal());
  say(`It was not bound, so the system chose ${sock.local}.`);
}

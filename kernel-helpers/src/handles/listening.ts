import { listen } from "../calls";
import { SENTENCES } from "../errors/sentences";
import { say } from "../trace";
import type { NamedSocket } from "./named-socket";

/** listen(2) on a handle. */
export function listenOn(sock: NamedSocket, backlog: number): void {
  sock.now("listen", () => listen(sock.fd, backlog));
  if (sock.local !== undefined || !sock.isInternet) return;
  sock.quietly(() => sock.learnLocal());
  say(SENTENCES.chosenPort(String(sock.local)));
}

import { clean } from "../bytes/clean";
import { errorWords } from "../bytes/error-words";

/** What a server does: it listens; it waits for descriptors; it lets its conversations end; it has ended. */
export type ServerState = "listening" | "paused" | "stopping" | "stopped";

/** What there is to say of a server. */
interface ServerFacts {
  readonly name: string;
  readonly address: string;
  readonly port: number | undefined;
  readonly state: ServerState;
  readonly clients: number;
  readonly served: number;
  readonly failed: number;
  readonly lastError: unknown;
}

/**
 * A server in one line.
 *
 * @param why how it has ended, if it has
 * @param accepts it has clients
 */
export function describeServer(server: ServerFacts, why: string | undefined, accepts: boolean): string {
  const { name, address, port, state, clients, served, failed, lastError } = server;
  // An abstract name begins with a zero byte, and is written with @.
  const path = address.replace(/^\0/, "@");
  const place = port === undefined ? path : `${address.includes(":") ? `[${address}]` : address}:${port}`;
  // For datagrams there is one socket for everybody, and nobody to count.
  const counts = [
    ...(accepts ? [`${clients} ${clients === 1 ? "client" : "clients"} now`, `${served} served`] : []),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  const last = lastError === undefined ? "" : ` (the last error: ${errorWords(lastError)})`;
  const counted = counts.length === 0 ? "" : `; ${counts.join(", ")}`;
  return clean(`${name}: ${wordsOf(state, why)} ${place}${counted}${last}`);
}

function wordsOf(state: ServerState, why = "was stopped"): string {
  switch (state) {
    case "listening":
      return "listens on";
    case "paused":
      return "waits for a free descriptor, and listens on";
    case "stopping":
      return "lets its conversations end, and listens no longer on";
    default:
      return `${why}, and listened on`;
  }
}

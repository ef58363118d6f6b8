import type { PortHolder } from "./port-holder";

/** Who has the port, in a sentence or two for the person who wanted it. */
export function describeHolder(holder: PortHolder, port: number): string {
  switch (holder.kind) {
    case "process": {
      const { pid, command } = holder.owner;
      return `Port ${port} is taken by another process: pid ${pid}, ${command} (${stateWords(holder.state)}). Choose another port, or end that program.`;
    }
    case "hidden":
      return `Port ${port} is taken by another process of user ${holder.uid} (${stateWords(holder.state)}). Which one it is could not be found out: you may not look at every process. Choose another port.`;
    case "time-wait":
      return `Port ${port} has a closed connection in TIME_WAIT: the system keeps it for up to 60 s. Wait, choose another port, or set SO_REUSEADDR before bind(), on the old socket as well as on the new one.`;
    case "closing":
      return `Port ${port} has a connection that no process has any more and that is not at its end yet (${holder.state}). Wait until its other end has closed, or choose another port.`;
    case "unlisted":
      return `Port ${port} is taken by another process, or by a descriptor of yours without a handle. Its socket is bound and does not listen, and the system's table does not show such a socket. Choose another port.`;
    case "unknown":
      return `Port ${port} is taken, and the system does not show here by whom: by another process, by a descriptor of yours without a handle, or (TCP) by a closed connection in TIME_WAIT. Choose another port.`;
  }
}

function stateWords(state: string): string {
  if (state === "LISTEN") return "listening";
  // What the table calls the states of a UDP socket: CLOSE without a default peer, ESTABLISHED with one.
  if (state === "CLOSE") return "a datagram socket";
  return state === "ESTABLISHED" ? "a connection that is open" : `a connection in ${state}`;
}

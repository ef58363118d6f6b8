import type { ControlMessage } from "../bytes/control";
import type { Tried } from "../calls/description";
import { messageOf, type RecvmsgCall, tryRecvmsg } from "../calls/recvmsg";
import { mayLeave } from "../calls/written";
import { constants } from "../facts/current";
import { type EndPoint, endPoint } from "./end-point";
import type { Receiver } from "./receiving";

/** What recvmsg() gives. */
export interface Message {
  /** The bytes, as many as were asked for at most. */
  data: Buffer;
  /** The sender; for an error from the queue of errors the address that the datagram was sent to. */
  from: EndPoint;
  /** What the system tells beside the data, for example IP_PKTINFO. */
  control: ControlMessage[];
  /** What the system says in flags: MSG_TRUNC (the datagram was longer), MSG_CTRUNC, MSG_ERRQUEUE (it is an error), MSG_OOB. */
  flags: number;
  /** The datagram was longer than the length asked for: the rest of it is gone. */
  truncated: boolean;
}

/** Room for the control messages of one message: all that IPv4, IPv6 and Unix-domain sockets send at once, 253 descriptors too (unix(7)). */
const CONTROL_ROOM = 2048;

/**
 * A message with what the system tells beside it.
 *
 * @internal
 */
export const MESSAGE: Receiver<Message, Tried<RecvmsgCall>> = {
  name: "recvmsg",
  call(sock, buffer, length, flags) {
    if (mayLeave(flags)) buffer.fill(0, 0, length);
    return tryRecvmsg(sock.fd, buffer, length, flags, CONTROL_ROOM);
  },
  finish(data, done) {
    const { address, control, flags } = messageOf(done.call);
    return { data, from: endPoint(address), control, flags, truncated: (flags & constants.MSG_TRUNC) !== 0 };
  },
};

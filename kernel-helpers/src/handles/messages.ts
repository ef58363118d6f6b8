import { formatSockaddr } from "../bytes";
import type { ControlMessage } from "../bytes/control";
import { messageOf, tryRecvmsg } from "../calls/recvmsg";
import { mustSucceed } from "../calls/table";
import { constants } from "../facts/current";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/registration";
import { during } from "../trace/recorder";
import { type EndPoint, endPoint } from "./address";
import type { Core } from "./core";
import { checkWaiting, type Waiting, waitOptions } from "./waiting";

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

/** Room for the control messages of one message: all that IPv4, IPv6 and Unix-domain sockets send at once. */
const CONTROL_ROOM = 1024;

/** One recvmsg(2) on a handle. */
export function recvmsgOn(core: Core, length: number, flags: number, waiting: Waiting): Promise<Message> {
  core.mustBeOpen("recvmsg");
  checkWaiting(waiting);
  const step = core.begin("recvmsg");
  const ofErrors = (flags & constants.MSG_ERRQUEUE) !== 0;
  return core.makeOrWait<Message>(
    "in",
    waiting.signal,
    () => {
      const data = Buffer.alloc(length);
      const done = during(step, () => tryRecvmsg(core.fd, data, length, flags, CONTROL_ROOM));
      if (done.result === -errno.EAGAIN!) return WOULD_BLOCK;
      const count = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
      const { address, control, flags: told } = messageOf(done.call);
      if (address !== undefined) step.peer = formatSockaddr(address);
      core.succeed(step, count);
      const truncated = (told & constants.MSG_TRUNC) !== 0;
      return {
        data: data.subarray(0, Math.min(count, length)),
        from: endPoint(address),
        control,
        flags: told,
        truncated,
      };
    },
    () =>
      waitOptions(core, step, waiting, {
        waits: ofErrors ? "waits for an error" : "waits for data",
        missing: ofErrors ? "no error has come" : "nothing has arrived",
        advice: ofErrors
          ? "The queue of errors is filled after setsockopt(IP_RECVERR, 1), when the network answers a datagram with an error."
          : "Run the cell in which the other end sends, or leave out `await` to let recvmsg wait in the background.",
      }),
  );
}

import type { CallName } from "../calls/table";
import type { TcpHandle } from "../inspection/state-history";
import type { SocketFile } from "./socket-file";

/** A socket that has a handle, as the notebook knows it: its own, or one of another process. Both kinds of handle stand for one. */
export interface OpenSocket extends TcpHandle {
  readonly family: number;
  readonly type: number;
  readonly fd: number;
}

/** Where and why a handle was closed, for the error of the next call on it. */
export interface Closing {
  cell: number | undefined;
  why: string;
}

/** A socket of this process. */
export interface OwnSocket extends OpenSocket {
  readonly closed: Closing | undefined;
  local: string | undefined;
  readonly listener?: OwnSocket | undefined;
  /** The file that bind() has made, of a Unix-domain socket. */
  file: SocketFile | undefined;
  /** SO_RCVTIMEO and SO_SNDTIMEO as they were last known, in milliseconds; 0 when not set. */
  readonly timeouts: Readonly<Record<"in" | "out", number>>;
  readonly isDatagram: boolean;
  /** It belongs to a server. */
  readonly background: boolean;
  readonly isInternet: boolean;
  /** Makes a call that never waits, as one step. */
  now<T>(name: CallName, action: () => T): T;
  /** Makes calls that the learner did not write: they appear in the exact trace only. */
  quietly<T>(action: () => T): T;
  /** Whether its descriptor still leads to its socket. When it does not, the handle is closed. */
  hasItsDescriptor(): boolean;
  /** Ends all waits and notes that the descriptor is gone. To be called before close(2). */
  markClosed(why: string): void;
}

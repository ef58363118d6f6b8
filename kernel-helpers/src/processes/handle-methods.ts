import type { Handle } from "../handles/handle";

/** How an answer becomes what a method returns: as it is, as bytes, as a datagram or message with its bytes, or as a handle. */
export type AnswerKind = "value" | "bytes" | "datagram" | "handle";

/** How the call of a method crosses from one process to another. What is not named crosses as it is. */
export interface Crossing {
  /** Which argument is data: its bytes cross. */
  readonly data?: number;
  /** Which argument is a message, an object with `data`: it crosses with the bytes of that. */
  readonly message?: number;
  /** Of a call that sends: which argument is its flags, or is an object that has them as its `flags`. They must not be the length of the data. */
  readonly flags?: number;
  /** Which argument is an option: what is none is refused here, where it can be shown. */
  readonly option?: number;
  /** For a call that may wait: which argument has its `timeout` and `signal`. The signal stays here. */
  readonly options?: number;
  /** How the answer is shown; as it is, unless told. */
  readonly answer?: AnswerKind;
}

/** The names of what a handle can do. */
type MethodOf<H> = { [Name in keyof H]: H[Name] extends (...args: never[]) => unknown ? Name : never }[keyof H];
export type MethodName = Exclude<Extract<MethodOf<Handle>, string>, "toString">;

/**
 * The methods of a handle, as they are called from another process. Both ends read this table: the notebook's makes the methods of its
 * handles from it, and the other process calls nothing that is not in it. A method that is missing here is an error of the compiler.
 */
export const HANDLE_METHODS: Readonly<Record<MethodName, Crossing>> = {
  bind: {},
  listen: {},
  accept: { options: 0, answer: "handle" },
  connect: { options: 2 },
  send: { data: 0, flags: 1, options: 2 },
  sendAll: { data: 0, options: 1 },
  recv: { options: 2, answer: "bytes" },
  recvExactly: { options: 1, answer: "bytes" },
  sendto: { data: 0, flags: 3, options: 3 },
  recvfrom: { options: 2, answer: "datagram" },
  sendmsg: { message: 0, flags: 1, options: 2 },
  recvmsg: { options: 2, answer: "datagram" },
  shutdown: {},
  close: {},
  getsockname: {},
  getpeername: {},
  getsockopt: { option: 0 },
  setsockopt: { option: 0 },
};

/** The helpers that are no methods, but take a handle as their first argument: they do their work where its socket is. */
export type HelperName = "loseDatagrams" | "loseSegments";

import { inSilence } from "../../cells";
import { ClosedError } from "../../errors";
import { SENTENCES } from "../../errors/sentences";
import { onBehalfOf } from "../../handles/earlier-calls";
import { Handle } from "../../handles/handle";
import { socket } from "../../handles/socket";
import { socketOf } from "../../handles/socket-of";
import { Expired, INTERRUPTED } from "../../readiness";
import { HANDLE_METHODS, type HelperName, type MethodName } from "../handle-methods";
import { loseDatagrams } from "../loss/lose-datagrams";
import { loseSegments } from "../loss/lose-segments";
import type { Answer, CallRequest, CancelReason } from "../messages";
import { packError } from "../pack-error";
import { factsOfSocket, handleWith } from "./handle-numbers";
import { forRun } from "./run-of-call";
import { serveThere, stopThere } from "./serving";
import { tell } from "./tell";

const HELPERS: Readonly<Record<HelperName, (handle: Handle, probability: number) => void>> = {
  loseDatagrams,
  loseSegments,
};

/** The calls that wait. */
const running = new Map<number, { controller: AbortController }>();
const CANCELLED = Symbol("cancelled");

function answer(id: number, result: Answer): void {
  running.delete(id);
  tell({ tell: "answer", id, answer: result });
}

function succeed(id: number, value: unknown): void {
  answer(id, value instanceof Handle ? { handle: factsOfSocket(socketOf(value)!) } : { value });
}

function fail(id: number, error: unknown): void {
  answer(id, error === CANCELLED ? { cancelled: true } : { error: packError(error) });
}

/** Makes the call that the notebook asks for, and answers when it has returned. */
export function call(request: CallRequest): void {
  const { id } = request;
  const controller = new AbortController();
  let value: unknown;
  try {
    value = forRun(request.run, () =>
      inSilence(request.silent, () => onBehalfOf(request.cell, () => invoke(request, controller.signal))),
    );
  } catch (error) {
    fail(id, error);
    return;
  }
  if (!(value instanceof Promise)) {
    succeed(id, value);
    return;
  }
  running.set(id, { controller });
  // Not `value.then`: to be awaited is what begins the usual deadline, and the notebook keeps that one, which knows when its cell has ended.
  Promise.prototype.then.call(
    value,
    (result) => succeed(id, result),
    (error) => fail(id, error),
  );
}

function invoke({ handle: number, method, args }: CallRequest, signal: AbortSignal): unknown {
  if (number === undefined && method === "serve") return serveThere(...(args as Parameters<typeof serveThere>));
  if (number === undefined && method === "stopServer") return stopThere(...(args as Parameters<typeof stopThere>));
  if (number === undefined) return socket(...(args as Parameters<typeof socket>));
  const handle = handleWith(number);
  if (handle === undefined) throw new ClosedError({ syscall: method, call: `${method}()` }, SENTENCES.closedLongAgo());
  if (method in HELPERS) return HELPERS[method as HelperName](handle, args[0] as number);
  const name = method as MethodName;
  const { options } = HANDLE_METHODS[name];
  if (options !== undefined) args[options] = { ...(args[options] as object | undefined), signal };
  return (handle[name] as (...values: unknown[]) => unknown)(...args);
}

/** The call is to wait no longer. One that has returned already has been answered. What ends it so tells what that leaves behind. */
export function cancel(id: number, why: CancelReason): void {
  const given = why === "interrupted" ? INTERRUPTED : CANCELLED;
  running.get(id)?.controller.abort(typeof why === "object" ? new Expired(why.passed, why.alone) : given);
}

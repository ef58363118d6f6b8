import { canBeAsked } from "../bytes/arguments";

type Action = () => void;

/*
 * What a signal is asked, and told: as Node has made it. A learner's can have methods of its own, and a wait that fails while it lets its signal
 * go, or never hears of it, would be settled by nothing any more.
 */
const { addEventListener, removeEventListener } = EventTarget.prototype;
const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!.get!;

/** Whether it was aborted. @throws TypeError for what only looks like a signal */
export function isAborted(signal: AbortSignal): boolean {
  return Reflect.apply(aborted, signal, []);
}

/**
 * Why a signal was aborted: what the wait fails with. A learner gives it, and it can be something that does not even let itself be asked what it
 * is, such as a Proxy that was revoked: whoever looks at an error would fail in the middle of ending the wait.
 */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    const reason: unknown = signal.reason;
    if (canBeAsked(reason)) return reason;
  } catch {
    // A signal with a `reason` of the learner's own.
  }
  return new TypeError("The signal was aborted. Its reason cannot be read: it throws an error when it is asked for.");
}

interface Listened {
  readonly actions: Set<Action>;
  readonly listener: () => void;
}

/**
 * What is to be done when a signal is aborted. One listener stands for all: a signal that ends eleven waits at once is no mistake, and
 * Node warns of eleven listeners as of a leak.
 */
const listened = new WeakMap<AbortSignal, Listened>();

/** Has `action` called once when the signal is aborted, unless it was withdrawn before; returns how to withdraw it. */
export function onAbort(signal: AbortSignal, action: Action): () => void {
  const { actions } = listened.get(signal) ?? listen(signal);
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) letGo(signal);
  };
}

function listen(signal: AbortSignal): Listened {
  const actions = new Set<Action>();
  const listener = (): void => {
    for (const action of actions) action();
  };
  const made = { actions, listener };
  listened.set(signal, made);
  Reflect.apply(addEventListener, signal, ["abort", listener, { once: true }]);
  return made;
}

/** A signal that lives longer than its waits keeps nothing of them. */
function letGo(signal: AbortSignal): void {
  const made = listened.get(signal);
  if (made === undefined || made.actions.size > 0) return;
  listened.delete(signal);
  Reflect.apply(removeEventListener, signal, ["abort", made.listener]);
}

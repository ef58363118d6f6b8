type Action = () => void;

/**
 * What is to be done when a signal is aborted. One listener stands for all: a signal that ends eleven waits at once is no mistake, and
 * Node warns of eleven listeners as of a leak.
 */
const actions = new WeakMap<AbortSignal, Set<Action>>();

/** Has `action` called once when the signal is aborted, unless it was withdrawn before; returns how to withdraw it. */
export function onAbort(signal: AbortSignal, action: Action): () => void {
  const all = actions.get(signal) ?? listened(signal);
  all.add(action);
  return () => all.delete(action);
}

function listened(signal: AbortSignal): Set<Action> {
  const all = new Set<Action>();
  actions.set(signal, all);
  signal.addEventListener(
    "abort",
    () => {
      for (const action of all) action();
      all.clear();
    },
    { once: true },
  );
  return all;
}

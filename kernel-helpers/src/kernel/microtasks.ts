const inMicrotask = queueMicrotask;
const inNextTick = process.nextTick;

/**
 * queueMicrotask, but what `callback` throws is thrown from a tick. In a microtask Node has forgotten who began it by the time that it tells
 * of the error, which then stood in the output of another cell; Node itself does this for the listeners of an EventTarget.
 */
export function runAsMicrotask(callback: () => void): void {
  inMicrotask(() => {
    try {
      callback();
    } catch (error) {
      inNextTick(() => {
        throw error;
      });
    }
  });
}

/** Has a learner's microtasks run so, too. */
export function ownTheErrorsOfMicrotasks(): void {
  globalThis.queueMicrotask = Object.defineProperties((callback: () => void): void => {
    // Node refuses it in its own words.
    if (typeof callback !== "function") inMicrotask(callback);
    else runAsMicrotask(callback);
  }, Object.getOwnPropertyDescriptors(inMicrotask));
}

/**
 * What code of a learner's can throw, or give as the reason of a signal, and what does not let itself be asked what it is. As text: a
 * function goes to another process so.
 */
export const THROWN: Readonly<Record<string, string>> = {
  "an error": 'new RangeError("no such request")',
  "an error that takes no more": 'Object.freeze(new Error("frozen"))',
  "an error whose message is no text": 'Object.assign(new Error("x"), { message: () => {} })',
  "an error whose message throws":
    'Object.defineProperty(new Error("x"), "message", { get() { throw new Error("HOSTILE"); } })',
  "an error whose name throws":
    'Object.defineProperty(new Error("x"), "name", { get() { throw new Error("HOSTILE"); } })',
  "an error with a function": 'Object.assign(new Error("x"), { cause: () => {}, code: () => {} })',
  "a long error": 'new Error("x".repeat(1_000_000))',
  text: '"not even an Error"',
  "a number": "1n",
  "a symbol": 'Symbol("thrown")',
  "a function": "() => {}",
  null: "null",
  "an object without a class": "Object.create(null)",
  "an object that has itself": "(() => { const itself = {}; itself.itself = itself; return itself; })()",
  "a Proxy that was revoked":
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
  "a Proxy of an error that throws":
    'new Proxy(new Error("x"), { get() { throw new Error("HOSTILE"); }, getPrototypeOf() { throw new Error("HOSTILE"); } })',
  "an object whose class throws":
    'Object.setPrototypeOf({}, new Proxy({}, { getPrototypeOf() { throw new Error("HOSTILE"); } }))',
};

/** Its names, as rows of `test.each`. */
export const EACH_THROWN = Object.keys(THROWN);

/** What throws an error whoever asks what it is. */
export const revoked = (): unknown => thrown("a Proxy that was revoked");

/** Such a value; a new one each time. */
export const thrown = (name: string): unknown => new Function(`return ${THROWN[name]};`)();

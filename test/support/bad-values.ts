/** A view that says it has more bytes than it has, whatever it is asked. */
export function lying(size = 8, says = 1_000_000): Uint8Array {
  const bytes = Buffer.alloc(size, "x");
  for (const name of ["byteLength", "length", "byteOffset"]) Object.defineProperty(bytes, name, { get: () => says });
  Object.defineProperty(bytes, "subarray", { value: () => Buffer.alloc(says) });
  return bytes;
}

/** A view of memory that was moved away. */
export function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** Values that do not let themselves be asked, each of another kind. */
export function hostileValues(): unknown[] {
  const refuse = (): never => {
    throw new Error("HOSTILE");
  };
  const revoked = <T extends object>(target: T): T => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  // Every trap throws, but a function can be called: what it throws then is its own affair.
  const traps = new Proxy({}, { get: (_, trap) => (trap === "apply" ? undefined : refuse) });
  const names =
    "family address port path number name data control timeout signal flags protocol x y lines dots histogram bins title label unit from to points values last only network level type fd events onoff linger group interface length";
  const getters = {};
  for (const name of names.split(" ")) Object.defineProperty(getters, name, { enumerable: true, get: refuse });
  const bare = Object.create(null);
  Object.assign(bare, { family: "AF_INET", number: 1, events: 1, timeout: "soon" });
  const sparse: unknown[] = [];
  sparse[5000] = 1;
  const resizable = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(8, {
    maxByteLength: 16,
  });
  return [
    ...[revoked({}), revoked([]), revoked(() => {}), revoked(Buffer.alloc(8)), revoked(new AbortController().signal)],
    ...[
      new Proxy({}, traps),
      new Proxy([], traps),
      new Proxy(() => {}, traps),
      new Proxy(new AbortController().signal, {}),
    ],
    ...[getters, Object.setPrototypeOf({}, new Proxy({}, traps)), bare],
    ...[{ [Symbol.toPrimitive]: refuse, toString: refuse, valueOf: refuse }, { [Symbol.iterator]: refuse }],
    ...[{ signal: revoked(new AbortController().signal) }, { signal: new Proxy(new AbortController().signal, {}) }],
    ...[{ data: revoked({}) }, { family: "16", data: revoked(Buffer.alloc(2)) }, { only: revoked([]) }, [revoked({})]],
    ...[
      { level: 1, type: 1, data: revoked({}) },
      { data: "x", control: revoked([]) },
      { data: "x", control: [getters] },
    ],
    ...[sparse, Object.assign([], { length: 2 ** 32 - 1 }), resizable, new DataView(new ArrayBuffer(8)), -0],
    ...[new Float32Array(2), (function* () {})(), new Error("an error"), /x/g],
  ];
}

/** What no parameter of a call wants, or what only looks as if it did. */
export function badValues(): unknown[] {
  return [
    ...[null, undefined, Number.NaN, 1.5, 1n, 2n ** 64n, -1, 2 ** 31, 2 ** 53, 1e308, Number.POSITIVE_INFINITY],
    ...["x", "", "x".repeat(1_000_000), "\r\x1b[2J\u009b\u202e", true, Symbol("symbol")],
    ...[{}, [], [null], [1], new Map(), () => {}, Object.create(null), { valueOf: () => 3 }, new Date(Number.NaN)],
    ...[
      { family: Symbol("family") },
      { number: 1.5 },
      { number: 1n },
      new Proxy({}, {}),
      new Proxy(Buffer.alloc(8), {}),
    ],
    ...[new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8)), detached().buffer, detached()],
    lying(),
  ];
}

/** What JavaScript, Node or koffi say by themselves, and what tells a learner nothing. */
const RAW =
  /HOSTILE|revoked|prox[iy]|Cannot (read|convert|mix|destructure|set|perform|use)|is not (a function|iterable|defined|a constructor)|could not be cloned|incompatible receiver|must be of type|^Invalid|Unexpected \w+ value|ERR_/;

/** What is wrong with the words of an error; undefined when nothing is. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const { message } = error;
  if (RAW.test(message) || message === "") return `raw: ${message.slice(0, 100)}`;
  if (message.length > 1000) return `${message.length} characters: ${message.slice(0, 100)}`;
  if (/[\0-\x1f\x7f-\x9f\u202a-\u202e]/.test(message)) return `control characters: ${JSON.stringify(message)}`;
  return undefined;
}

/** A value for the label of a case. */
export function labelOf(value: unknown): string {
  try {
    return labelled(value);
  } catch {
    return `a hostile ${typeof value}`;
  }
}

function labelled(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 12));
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}

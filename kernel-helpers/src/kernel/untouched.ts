import crypto from "node:crypto";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import util from "node:util";
import vm from "node:vm";

/*
 * Cells run in the same JavaScript as the kernel. One that replaces `Array.prototype.push`, `JSON.stringify` or `Date`, or gives every object a
 * property through `Object.prototype`, would have the compiler, the messages and the words of errors made with what it has put there, and a
 * kernel that cannot write a message is lost. So the kernel does its work with everything as it was before the first cell, and the cells find
 * again what they have made of it.
 *
 * This file itself uses what it has taken when it was loaded.
 */

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys, setPrototypeOf } = Reflect;
const everyObject = Object.prototype as object as Holder;

type Holder = Record<PropertyKey, unknown>;

/** Of the global object, what the kernel, tslab, TypeScript and zeromq ask for. What these hold and their prototypes is watched, too. */
const CLASSES = [
  ...["Object", "Function", "Array", "Number", "Boolean", "String", "Symbol", "BigInt", "Date", "Promise", "RegExp"],
  ...["Error", "AggregateError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "Map", "Set", "WeakMap"],
  ...["WeakSet", "WeakRef", "Proxy", "Reflect", "JSON", "Math", "Atomics", "ArrayBuffer", "Uint8Array", "Buffer"],
];
const OTHERS = [
  ...["globalThis", "process", "SharedArrayBuffer", "DataView", "Int32Array", "Uint32Array", "Float64Array"],
  ...["parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "performance", "URL"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "queueMicrotask"],
];
/** Of others' objects, what is asked for by its name each time. */
const PARTS: readonly [holder: object, names: readonly string[]][] = [
  [process, ["cwd", "env", "argv", "emit", "kill", "nextTick", "on", "hrtime", "ppid", "_fatalException"]],
  [process, ["setUncaughtExceptionCaptureCallback", "hasUncaughtExceptionCaptureCallback"]],
  [fs, ["readFileSync", "statSync", "lstatSync", "existsSync", "readdirSync", "openSync", "readSync", "closeSync"]],
  [fs, ["realpathSync", "accessSync", "watch", "watchFile", "unwatchFile", "writeFileSync", "rmSync"]],
  [path, ["join", "resolve", "dirname", "basename", "extname", "relative", "isAbsolute", "normalize", "posix", "sep"]],
  [util, ["inspect", "types", "format"]],
  [crypto, ["createHmac", "createHash", "randomUUID", "timingSafeEqual"]],
  [vm, ["runInThisContext", "Script"]],
  [module, ["_load", "_resolveFilename", "_extensions", "_cache", "_nodeModulePaths", "createRequire", "isBuiltin"]],
  [module.prototype as object, ["require", "load", "_compile"]],
  [EventEmitter.prototype, ["emit", "on", "once", "addListener", "removeListener", "listeners"]],
];

/** A property, as it was. */
interface Place {
  readonly holder: Holder;
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly descriptor: PropertyDescriptor;
}

/** A property, as a cell has made it; without a descriptor it has taken it away. */
interface Change {
  readonly holder: Holder;
  readonly key: PropertyKey;
  readonly descriptor: PropertyDescriptor | undefined;
  /** What an accessor of the global object gave. */
  readonly value: unknown;
}

let places: readonly Place[] = [];
let known: readonly PropertyKey[] = [];
let isUntouched = () => true;

/** From now on whatever changes is a cell's doing. */
export function rememberUntouched(): void {
  places = allPlaces();
  known = ownKeys(everyObject);
  isUntouched = comparison(places);
}

function allPlaces(): Place[] {
  const classes = CLASSES.map((name) => (globalThis as unknown as Holder)[name] as Holder);
  const whole = [...classes, ...classes.map(({ prototype }) => prototype), ...unnamed()];
  const isObject = (value: unknown) => typeof value === "function" || (typeof value === "object" && value !== null);
  return [
    ...[...CLASSES, ...OTHERS].flatMap((name) => place(globalThis, name)),
    ...whole
      .filter(isObject)
      .flatMap((holder) => ownKeys(holder as object).flatMap((key) => place(holder as object, key))),
    ...PARTS.flatMap(([holder, names]) => names.flatMap((name) => place(holder, name))),
  ];
}

/** What has no name: the prototypes of iterators and of typed arrays. */
function unnamed(): unknown[] {
  const iterators = [[], new Map(), new Set(), ""].map((one) => (one as Iterable<unknown>)[Symbol.iterator]());
  const bytes = Object.getPrototypeOf(Uint8Array) as { prototype: object };
  return [...iterators.map((one) => Object.getPrototypeOf(one)), bytes, bytes.prototype];
}

/** Of accessors only those of the global object: to read others would be to call them. */
function place(object: object, key: PropertyKey): Place[] {
  const holder = object as Holder;
  const descriptor = getOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined || (object !== globalThis && !("value" in descriptor))) return [];
  if (descriptor.configurable !== true && descriptor.writable !== true) return [];
  setPrototypeOf(descriptor, null); // It would have what a cell gives every object.
  return [{ holder, key, value: holder[key], descriptor }];
}

/**
 * A function that compares all places with what they were, one by one in its text: measured, 8 µs for 600 of them, and 100 µs in a loop, where
 * V8 cannot know what it will look for next.
 */
function comparison(all: readonly Place[]): () => boolean {
  const holders = [...new Set(all.map(({ holder }) => holder))];
  const tests = all.map(({ holder, key }, i) => {
    const name = typeof key === "string" ? JSON.stringify(key) : `all[${i}].key`;
    return `h${holders.indexOf(holder)}[${name}] === v${i}`;
  });
  const given = [...holders.map((_, i) => `h${i} = holders[${i}]`), ...all.map((_, i) => `v${i} = all[${i}].value`)];
  const text = `const ${given.join(", ")};\nreturn () => ${tests.join(" &&\n")};`;
  return vm.compileFunction(text, ["holders", "all"])(holders, all) as () => boolean;
}

/** The kernel is at work, and everything is as it was. */
let working = false;
/** What the cells had made of it. */
let changes: readonly Change[] = [];

/** Does work of the kernel's. */
export function untouched<T>(work: () => T): T {
  if (working) return work();
  begin();
  try {
    return work();
  } finally {
    end();
  }
}

/** Runs code of cells in the middle of the kernel's work. */
export function asCellsHaveIt<T>(run: () => T): T {
  if (!working) return run();
  end();
  try {
    return run();
  } finally {
    begin();
  }
}

/** The work was ended from outside, which runs no `finally`. */
export function workWasEnded(): void {
  if (working) end();
}

function begin(): void {
  working = true;
  changes = isUntouched() && ownKeys(everyObject).length === known.length ? [] : restore();
}

function end(): void {
  for (let i = changes.length - 1; i >= 0; i--) put(changes[i]!);
  working = false;
}

/** @returns what the cells had made of it */
function restore(): Change[] {
  const changes: Change[] = [];
  // Not `push`, and nothing that a setter of Array.prototype would hear of.
  const note = (holder: Holder, key: PropertyKey): void => {
    const descriptor = getOwnPropertyDescriptor(holder, key);
    if (descriptor !== undefined) setPrototypeOf(descriptor, null);
    const change: Change = { holder, key, descriptor, value: descriptor?.set && holder[key] };
    defineProperty(changes, changes.length, { __proto__: null, value: change } as PropertyDescriptor);
  };
  const keys = ownKeys(everyObject);
  for (let i = 0; i < keys.length; i++) {
    if (isKnown(keys[i]!)) continue;
    note(everyObject, keys[i]!);
    deleteProperty(everyObject, keys[i]!);
  }
  for (let i = 0; i < places.length; i++) {
    const one = places[i]!;
    if (one.holder[one.key] === one.value) continue;
    note(one.holder, one.key);
    put(one);
  }
  return changes;
}

function isKnown(key: PropertyKey): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] === key) return true;
  return false;
}

function put({ holder, key, descriptor, value }: Change): void {
  if (descriptor === undefined) deleteProperty(holder, key);
  else defineProperty(holder, key, descriptor);
  // `process` and `Buffer` are accessors of Node's, which keep what they are given.
  if (descriptor?.set !== undefined) holder[key] = value;
}

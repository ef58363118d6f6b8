import { ERRNO_MEANINGS } from "kernel-helpers/dist/facts/errno-meaning.js";
import type { Named, Parameter } from "./public-face.js";

/*
 * What is missing in the documentation of a name. tslab's Shift-Tab prints a comment's text and that of its tags, but no tag's name except
 * @param: so the words themselves say what they are: "Returns …", "Errors: …", "Manual: …".
 */

/** A number is told with what it counts or with what it may be. */
const RANGE = /\d|C int|Infinity|\b[A-Z]{2,}(_[A-Z]+)+\b/;
const COUNTED =
  /\b(milliseconds|microseconds|seconds|bytes|segments|connections|bins|calls|descriptor|errno|process number|port|unit|how (many|often))\b/i;
const hasUnit = (text: string): boolean => RANGE.test(text) || COUNTED.test(text);
const DEFAULT = /default|unless|without|left out/;
const PAGE = /man \d \w+|RFC \d+ section [\d.]+/.source;
const MANUAL = new RegExp(`^Manual: (${PAGE})([,;] (${PAGE}))*\\.$`, "m");
const SEE = new RegExp(` See (${PAGE})(, (${PAGE}))*\\.$`);
/** "bind(2): …", "send(2), once: …", "Repeats send(2) …": what is documented makes this call of the C library. */
const C_FUNCTION = /^(\w+)\([23]\)|^[^.]*\b(\w+)\([23]\)/;
/** What the words of a tag begin with: "Side: server". Those of a parameter begin with its name. */
const LABEL = /^([A-Z][a-z]+: |Returns )/;
/** Everything that can be thrown: names of classes, with the words that must follow. */
const CLASS = /\b(?:[A-Z][A-Za-z]*)?Error\b/g;
const FOLLOWED = /^(?:(?:,| and| or) (?:[A-Z][A-Za-z]*)?Error)*(?: \(| for | when | E[A-Z]{2,})/;

/** How long the shortest sentence that says something is. */
const SENTENCE = 10;

const flat = (text: string): string => text.replace(/\s+/g, " ");

/** What is missing in the documentation of this name: nothing, or what is to be written. */
export function undocumented(named: Named): string[] {
  return [...JUDGES[named.kind](named), ...unreadable(named)].map((fault) => `${named.name}: ${fault}`);
}

const JUDGES: Readonly<Record<Named["kind"], (named: Named) => string[]>> = {
  // TypeScript 5.0 shows no comment of a namespace: "import calls" is all that there is (tried).
  namespace: () => [],
  type: says,
  constant: (named) => [...says(named), ...ofConstant(named)],
  field: (named) => (isLiteral(named.type) ? [] : [...says(named), ...unitOf(named)]),
  function: (named) => [
    ...says(named),
    ...named.parameters.flatMap((parameter) => ofParameter(named, parameter)),
    ...result(named),
    ...errors(named),
    ...manual(named),
  ],
};

function says({ text }: Named): string[] {
  return text.length < SENTENCE ? ["what it is or does"] : [];
}

/** A field that can only be "bind" says so itself. */
const isLiteral = (type: string): boolean => /^"[^"]*"$/.test(type);
const isNumber = (type: string): boolean => /\bnumber\b/.test(type) && !type.includes("=>");

function unitOf({ type, text }: Named): string[] {
  return /^number( \| undefined)?$/.test(type) && !hasUnit(text) ? ["its unit or range"] : [];
}

function ofConstant({ text, type }: Named): string[] {
  const said = flat(text);
  const faults: string[] = [];
  // An object of ours has members, which are judged.
  if (type.startsWith("{")) return faults;
  if (/SocketOption</.test(type) ? !/ Value: \S/.test(said) : !/^\S.{0,60}?: /.test(said))
    faults.push("its unit or kind");
  if (!SEE.test(said)) faults.push("the manual page");
  return faults;
}

function ofParameter({ tags, shown }: Named, { name, type, optional, options }: Parameter): string[] {
  const text = tags.get(`param ${name}`) ?? "";
  if (text.length < SENTENCE) return [`the parameter ${name}`];
  const faults: string[] = [];
  if (isNumber(type) && options.length === 0 && !hasUnit(text)) faults.push(`unit or range of ${name}`);
  if (optional && options.length === 0 && !DEFAULT.test(text)) faults.push(`what ${name} is when it is left out`);
  for (const option of options) if (!text.includes(`\`${option}\``)) faults.push(`the field ${option} of ${name}`);
  if (!shown.includes(`@param ${name} ${text}`)) faults.push(`${name} is not shown`);
  return faults;
}

function result({ name, type, tags }: Named): string[] {
  if (/^(void|Promise<void>)$/.test(type) || name.endsWith(".constructor")) return [];
  return /^Returns .{10,}/s.test(tags.get("returns") ?? "") ? [] : ["what it returns"];
}

function errors(named: Named): string[] {
  const text = flat(named.tags.get("throws") ?? "");
  if (!text.startsWith("Errors: ")) return ["which errors"];
  const faults: string[] = [];
  for (const { 0: errno, index } of text.matchAll(/\bE[A-Z][A-Z0-9]+\b/g)) {
    if (!(errno in ERRNO_MEANINGS)) faults.push(`${errno} is no errno`);
    if (!text.startsWith(" (", index + errno.length)) faults.push(`the meaning of ${errno}`);
  }
  for (const { 0: error, index } of text.matchAll(CLASS))
    if (!FOLLOWED.test(text.slice(index + error.length))) faults.push(`when there is ${error}`);
  return [...faults, ...owed(named).filter((error) => !new RegExp(`\\b${error}\\b`).test(text))];
}

/** The errors that what is taken, and where it belongs, bring with them. */
function owed({ name, parameters }: Named): string[] {
  const [owner = "", method = ""] = name.split(".");
  const isCall =
    /^(Handle|ProcessHandle|AwaitedMethods)$/.test(owner) && /^[a-z]/.test(method) && method !== "toString";
  const waits = parameters.some(({ options }) => options.includes("timeout"));
  return [
    ...(waits ? ["TimeoutError", "InterruptedError"] : []),
    ...(isCall && method !== "close" ? ["ClosedError"] : []),
    ...(isCall && owner !== "Handle" ? ["ProcessError"] : []),
    ...(isCall && parameters.length > 0 ? ["TypeError"] : []),
    ...(parameters.some(({ type }) => isNumber(type)) && !name.endsWith(".constructor") ? ["RangeError"] : []),
  ];
}

function manual({ text }: Named): string[] {
  if (text.includes("Manual:"))
    return MANUAL.test(text) ? [] : ['the pages in the form "Manual: man 2 bind, man 7 ip."'];
  return C_FUNCTION.test(text) ? ["the manual page"] : [];
}

/** What tslab would show as it should not be read. */
function unreadable({ tags, text, shown }: Named): string[] {
  const faults: string[] = [];
  if (shown.includes("{@")) faults.push("a link is shown with its braces");
  for (const [tag, words] of tags) {
    if (!tag.startsWith("param ") && !LABEL.test(words)) faults.push(`@${tag} is shown without a label: "${words}"`);
    if (!shown.includes(words)) faults.push(`@${tag} is not shown`);
  }
  if (!shown.includes(text)) faults.push("the text is not shown");
  return faults;
}

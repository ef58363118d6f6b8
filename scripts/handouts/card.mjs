import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inProject } from "../lib/project.mjs";

/*
 * The reference card, out of the documentation comments of the code: what a learner reads with Shift-Tab is what the card says. Beside
 * the usual tags the calls have `@side` (who makes the call) and `@state` (the socket's state before and after it). Shift-Tab shows no
 * names of tags, so their words begin with what they are ("Returns …", "Side: …"); here the column says it.
 */

const SOURCES = inProject("kernel-helpers", "src");

/** The calls in the order in which a conversation needs them: a function, or a method after its class. */
const CALLS = [
  "socket",
  ...["bind", "listen", "accept", "connect", "send", "sendAll", "recv", "recvExactly"].map(ofHandle),
  ...["sendto", "recvfrom", "sendmsg", "recvmsg"].map(ofHandle),
  ...["shutdown", "close", "getsockname", "getpeername", "getsockopt", "setsockopt"].map(ofHandle),
];

/** The helpers that are no calls. Where a method's owner has no name of its own in a notebook, it is shown with that of an example. */
const HELPERS = [
  ...["choosePort", "attempt", "closeAll", "handles", "sockets", "ladder", "states", "panel", "addressBytes", "htons"],
  ...["trace.exact", "trace.short", "trace.off", "trace.silently", "serve", "otherProcess"],
  ...["OtherProcess.socket", "OtherProcess.stop", "loseDatagrams", "loseSegments", "every", "plot", "livePlot"],
  ...["LivePlot.update", "LivePlot.finish", "check", "inOrder"],
];
const EXAMPLES = /** @type {Readonly<Record<string, string>>} */ ({ OtherProcess: "rival", LivePlot: "livePlot(…)" });

/** The constants that the notebooks use. */
const CONSTANTS = [
  ...["AF_INET", "AF_INET6", "SOCK_STREAM", "SOCK_DGRAM", "LOOPBACK", "LOOPBACK6", "ANY", "ANY6", "SO_REUSEADDR"],
  ...["SO_REUSEPORT", "SO_BROADCAST", "SO_RCVBUF", "IPV6_V6ONLY", "IP_ADD_MEMBERSHIP", "IP_MULTICAST_IF"],
  ...["IP_MULTICAST_ALL", "TCP_NODELAY", "TCP_INFO", "MSG_TRUNC"],
];

/** @param {string} name */
function ofHandle(name) {
  return `Handle.${name}`;
}

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */

/** The compiler that comes with the kernel: the one that builds the package has no programming interface. */
function compiler() {
  return /** @type {typeof import("@tslab/typescript-for-tslab")} */ (
    createRequire(import.meta.url)("@tslab/typescript-for-tslab")
  );
}

/** One sentence for each error, of the package as it is built: a fresh clone has no build before its set-up. */
function meanings() {
  return /** @type {{ ERRNO_MEANINGS: Readonly<Record<string, string>> }} */ (
    createRequire(import.meta.url)("kernel-helpers/dist/facts/errno-meaning.js")
  ).ERRNO_MEANINGS;
}

/**
 * The compiler keeps comments with the nodes that they are about; its types do not say so.
 * @param {Node} node
 */
const commentOf = (node) =>
  /** @type {{ jsDoc?: import("@tslab/typescript-for-tslab").JSDoc[] }} */ (/** @type {unknown} */ (node)).jsDoc?.at(
    -1,
  );

/** @type {Map<string, import("@tslab/typescript-for-tslab").SourceFile>} */
const parsed = new Map();

/** @param {string} file below kernel-helpers/src, without its ending */
function parse(file) {
  const ts = compiler();
  const path = `${SOURCES}/${file}.ts`;
  const source =
    parsed.get(path) ?? ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  parsed.set(path, source);
  return source;
}

/**
 * The files in which the names are declared that another file hands on.
 * @param {string} file
 * @returns {Array<{ file: string, names?: string[] }>} without names where all are handed on
 */
function handedOn(file) {
  const ts = compiler();
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier) return [];
    const from = join(
      dirname(file),
      /** @type {import("@tslab/typescript-for-tslab").StringLiteral} */ (statement.moduleSpecifier).text,
    );
    const { exportClause } = statement;
    if (!exportClause) return [{ file: from }, ...handedOn(from)];
    return ts.isNamedExports(exportClause)
      ? [{ file: from, names: exportClause.elements.map((one) => one.name.text) }]
      : [];
  });
}

/**
 * The declaration that has a documentation comment, of something that notebooks can import, or of a member of it.
 * @param {string} name "socket", or "Handle.bind"
 * @returns {Node | undefined}
 */
function declarationOf(name) {
  const ts = compiler();
  const [first = "", member] = name.split(".");
  const named = (/** @type {Node} */ node) =>
    /** @type {{ name?: Node }} */ (/** @type {unknown} */ (node)).name?.getText() === (member ?? first);
  /** @type {Node[]} */
  const found = [];
  const visit = (/** @type {Node} */ node) => {
    // The comment of a constant stands before its whole statement.
    const documented = ts.isVariableDeclaration(node) ? node.parent.parent : node;
    if (named(node) && commentOf(documented)) found.push(documented);
    ts.forEachChild(node, visit);
  };
  const files = handedOn("index");
  // Where all of a file is handed on, it is looked for in there; elsewhere by its name.
  for (const { file, names } of files)
    if (names ? names.includes(first) : !files.some((one) => one.names?.includes(first))) {
      for (const statement of parse(file).statements) {
        const owner = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : statement;
        const own = /** @type {{ name?: Node } | undefined} */ (/** @type {unknown} */ (owner))?.name?.getText();
        if (own === first) visit(statement);
      }
    }
  return found[0];
}

/**
 * The documentation comment before something that notebooks can import, or before a member of it.
 * @param {string} name "socket", or "Handle.bind"
 */
function documentation(name) {
  const ts = compiler();
  const documented = declarationOf(name);
  const comment = documented && commentOf(documented);
  if (!documented || !comment) throw new Error(`kernel-helpers hands on no ${name} with a documentation comment.`);
  const said = (/** @type {import("@tslab/typescript-for-tslab").JSDocTag["comment"]} */ text) =>
    (ts.getTextOfJSDocComment(text) ?? "").replace(/\s+/g, " ").trim();
  const tags = (comment.tags ?? []).map((tag) => ({
    tag: tag.tagName.text,
    name: ts.isJSDocParameterTag(tag) ? tag.name.getText() : "",
    // After @throws the compiler takes a type: the words are read as they stand.
    text: ts.isJSDocThrowsTag(tag)
      ? tag
          .getText()
          .replace(/^@throws\s*/, "")
          .replace(/\s*\n\s*\*\s*/g, " ")
          .trim()
      : said(tag.comment),
  }));
  const { parameters: declared = [], type } =
    /** @type {Partial<import("@tslab/typescript-for-tslab").FunctionLikeDeclaration>} */ (documented);
  const parameters = declared.map((parameter) => ({
    name: parameter.name.getText(),
    optional: parameter.questionToken !== undefined || parameter.initializer !== undefined,
  }));
  const first = (ts.getTextOfJSDocComment(comment.comment) ?? "").split("\n\n")[0] ?? "";
  return {
    name: name.split(".").at(-1) ?? name,
    text: first.replace(/\s+/g, " ").trim(),
    tags,
    parameters,
    type: type?.getText() ?? "void",
  };
}

/** Words of a comment as HTML: code stands in backticks, and a link shows its name. @param {string} text */
export function inHtml(text) {
  return text
    .replace(/\{@link (\w+)\s*\}/g, "`$1`")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/`([^`]*)`/g, "<code>$1</code>");
}

/** The general meaning of an error, as it stands in brackets. @param {string} name */
function meaningOf(name) {
  const sentence = meanings()[name] ?? "";
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}

/**
 * The system's errors of a `@throws` line: `SocketError EADDRINUSE (taken), EBADF; TimeoutError`. One without words of its own has those
 * that go with it everywhere.
 * @param {string} text
 */
export function errnosOf(text) {
  const [system = ""] = text.split(";");
  return [...system.matchAll(/\b(E[A-Z0-9]{3,})\b(?: \(([^()]*(?:\([^()]*\)[^()]*)*)\))?/g)].map(
    ([, name, meaning]) => ({
      name,
      text: inHtml(meaning ?? meaningOf(name ?? "")),
    }),
  );
}

/** That an argument can be left out, the call's own line says with "?". @param {string} text */
function withoutDefault(text) {
  return text.replace(/^[-–]\s*/, "").replace(/; (0 unless told|left out with a path)$/, "");
}

/** What a call returns, when its comment does not say it. @param {string} type as declared */
function returned(type) {
  const inner = /^Promise<(.*)>$/.exec(type)?.[1] ?? type;
  return inner === "void" ? "nothing (in C: 0)" : `<code>${inHtml(inner)}</code>`;
}

/** @param {ReturnType<typeof documentation>["parameters"]} parameters */
const argumentsOf = (parameters) => parameters.map((one) => `${one.name}${one.optional ? "?" : ""}`).join(", ");

/** @param {string} ofWhat */
function call(ofWhat) {
  const { name, text, tags, parameters, type } = documentation(ofWhat);
  const the = (/** @type {string} */ tag) =>
    (tags.find((one) => one.tag === tag)?.text ?? "").replace(/^(Returns|[A-Z]\w+:) /, "");
  for (const tag of ["side", "state"]) if (the(tag) === "") throw new Error(`The comment of ${name} has no @${tag}.`);
  const waits = type.startsWith("Promise<");
  return {
    name,
    arguments: argumentsOf(parameters),
    parameters: tags
      .filter((one) => one.tag === "param" && one.name !== "options")
      .map((one) => ({ name: one.name, text: inHtml(withoutDefault(one.text)) })),
    does: inHtml(text.replace(/^\w+\(2\)(, once)?: /, "")),
    returns: (waits ? "<code>await</code>: " : "") + (inHtml(the("returns")) || returned(type)),
    who: the("side"),
    states: inHtml(the("state")),
    errnos: errnosOf(the("throws")),
  };
}

/** No helper gets more of the card: a sentence that is longer ends before its details. */
const LONG = 150;

/** The first sentence of a text. @param {string} text */
function firstSentence(text) {
  const sentence = /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
  return sentence.length > LONG ? sentence.replace(/[;:] .*$/, ".") : sentence;
}

/** @param {string} ofWhat */
function helper(ofWhat) {
  const [owner = "", member] = ofWhat.split(".");
  const shown = member === undefined ? owner : `${EXAMPLES[owner] ?? owner}.${member}`;
  const { text, parameters } = documentation(ofWhat);
  return {
    name: shown,
    arguments: argumentsOf(parameters),
    does: inHtml(firstSentence(text.replace(/^\w+\([23]\)( in the other process)?: /, ""))),
  };
}

/** What a constant is, without the manual page to read, and without what is said of other systems. @param {string} name */
function meansOf(name) {
  const text = documentation(name)
    .text.replace(/ See man [^.]*\.?$/, "")
    .replace(/ macOS [^.]*\./, "");
  return text.replace(/ \(man \d \w+\)\.$/, ".");
}

/**
 * What a call above has said in the same words is not said again: of a state, that call is named; of an argument, nothing is.
 * @param {Array<ReturnType<typeof call>>} calls
 */
function withoutRepetition(calls) {
  const said = new Set();
  const by = /** @type {Map<string, string>} */ (new Map());
  return calls.map((one) => {
    const parameters = one.parameters.filter(({ name, text }) => !said.has(`${name}: ${text}`));
    for (const { name, text } of parameters) said.add(`${name}: ${text}`);
    const [kind = "", rest] = one.states.split(": ", 2);
    const before = rest === undefined ? undefined : by.get(one.states);
    if (before === undefined) by.set(one.states, one.name);
    return { ...one, parameters, states: before === undefined ? one.states : `${kind}, as for ${before}()` };
  });
}

/** What the reference card says of every call, helper and constant. */
export function referenceCard() {
  return {
    calls: withoutRepetition(CALLS.map(call)),
    helpers: HELPERS.map(helper),
    constants: CONSTANTS.map((name) => ({ name, means: inHtml(meansOf(name)) })),
  };
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inProject } from "../lib/project.mjs";

/*
 * The reference card, out of the documentation comments of the code: what a learner reads with Shift-Tab is what the card says. Beside
 * the usual tags the calls have `@side` (who makes the call) and `@state` (the socket's state before and after it).
 */

const SOURCES = inProject("kernel-helpers", "src");

/** The calls in the order in which a conversation needs them. */
const CALLS = [
  ["handles/socket.ts", "socket"],
  ...["bind", "listen", "accept", "connect", "send", "sendAll", "recv", "recvExactly"].map(ofHandle),
  ...["sendto", "recvfrom", "sendmsg", "recvmsg"].map(ofHandle),
  ...["shutdown", "close", "getsockname", "getpeername", "getsockopt", "setsockopt"].map(ofHandle),
];

/** The helpers that are no calls. */
const HELPERS = [
  ["handles/choose-port.ts", "choosePort"],
  ["handles/attempt.ts", "attempt"],
  ["notebook/sockets.ts", "sockets"],
  ["handles/table.ts", "handles"],
  ["notebook/ladder.ts", "ladder"],
  ["notebook/pictures.ts", "states"],
  ["notebook/panel.ts", "panel"],
  ["handles/registry.ts", "closeAll"],
  ["handles/other-process/other-process.ts", "otherProcess"],
  ["handles/lose-datagrams.ts", "loseDatagrams"],
  ["handles/lose-segments.ts", "loseSegments"],
  ["notebook/every.ts", "every"],
];

/** @param {string} name */
function ofHandle(name) {
  return ["handles/handle.ts", name];
}

/** @typedef {import("@tslab/typescript-for-tslab").Node} Node */

/** The compiler that comes with the kernel: the one that builds the package has no programming interface. */
function compiler() {
  return /** @type {typeof import("@tslab/typescript-for-tslab")} */ (
    createRequire(import.meta.url)("@tslab/typescript-for-tslab")
  );
}

/**
 * The compiler keeps comments with the nodes that they are about; its types do not say so.
 * @param {Node} node
 */
const commentOf = (node) =>
  /** @type {{ jsDoc?: import("@tslab/typescript-for-tslab").JSDoc[] }} */ (/** @type {unknown} */ (node)).jsDoc?.at(
    -1,
  );

/**
 * The documentation comment before a function or a method.
 * @param {string} file below kernel-helpers/src
 * @param {string} name
 */
function documentation(file, name) {
  const ts = compiler();
  const path = `${SOURCES}/${file}`;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  /** @type {import("@tslab/typescript-for-tslab").FunctionLikeDeclaration[]} */
  const found = [];
  const visit = (/** @type {Node} */ node) => {
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name?.getText() === name)
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const documented = found.find((node) => commentOf(node) !== undefined);
  const comment = documented && commentOf(documented);
  if (!documented || !comment) throw new Error(`${file} has no documentation comment before ${name}.`);
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
  const parameters = documented.parameters.map((parameter) => ({
    name: parameter.name.getText(),
    optional: parameter.questionToken !== undefined || parameter.initializer !== undefined,
  }));
  const first = (ts.getTextOfJSDocComment(comment.comment) ?? "").split("\n\n")[0] ?? "";
  return {
    name,
    text: first.replace(/\s+/g, " ").trim(),
    tags,
    parameters,
    type: documented.type?.getText() ?? "void",
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

/**
 * The system's errors of a `@throws` line: `SocketError EADDRINUSE (taken), EBADF; TimeoutError`.
 * @param {string} text
 */
export function errnosOf(text) {
  const [system = ""] = text.split(";");
  return [...system.matchAll(/\b(E[A-Z0-9]{3,})\b(?: \(([^()]*(?:\([^()]*\)[^()]*)*)\))?/g)].map(
    ([, name, meaning]) => ({
      name,
      text: inHtml(meaning ?? ""),
    }),
  );
}

/** What a call returns, when its comment does not say it. @param {string} type as declared */
function returned(type) {
  const inner = /^Promise<(.*)>$/.exec(type)?.[1] ?? type;
  return inner === "void" ? "nothing (in C: 0)" : `<code>${inHtml(inner)}</code>`;
}

/** @param {string} file @param {string} name */
function call(file, name) {
  const { text, tags, parameters, type } = documentation(file, name);
  const the = (/** @type {string} */ tag) => tags.find((one) => one.tag === tag)?.text ?? "";
  for (const tag of ["side", "state"]) if (the(tag) === "") throw new Error(`${file}: ${name} has no @${tag}.`);
  const waits = type.startsWith("Promise<");
  return {
    name,
    arguments: parameters.map((one) => `${one.name}${one.optional ? "?" : ""}`).join(", "),
    parameters: tags
      .filter((one) => one.tag === "param" && one.name !== "options")
      .map((one) => ({ name: one.name, text: inHtml(one.text.replace(/^[-–]\s*/, "")) })),
    does: inHtml(text.replace(/^\w+\(2\)(, once)?: /, "")),
    returns: (waits ? "<code>await</code>: " : "") + (inHtml(the("returns")) || returned(type)),
    who: the("side"),
    states: inHtml(the("state")),
    errnos: errnosOf(the("throws")),
  };
}

/** What the reference card says of every call and helper. */
export function referenceCard() {
  return {
    calls: CALLS.map(([file = "", name = ""]) => call(file, name)),
    helpers: HELPERS.map(([file = "", name = ""]) => {
      const { text } = documentation(file, name);
      const [first = text] = /^.*?\.(?=\s|$)/.exec(text) ?? [];
      return { name: `${name}()`, does: inHtml(first) };
    }),
  };
}

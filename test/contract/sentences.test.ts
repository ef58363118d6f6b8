import { describe, expect, test } from "vitest";
import { read, type Source, sources, ts } from "./source.js";

/*
 * What the helpers say to a learner beside a call stands in errors/sentences.ts, and what they say of an errno in errors/advice-table.ts:
 * test/real/advice.test.ts provokes every line of both. Here is looked for what is said from elsewhere.
 */

type Node = import("@tslab/typescript-for-tslab").Node;

/** Functions and classes whose arguments a learner reads; the number is of the first such argument. */
const SAYING: Readonly<Record<string, number>> = {
  say: 0,
  announce: 1,
  closeCore: 1,
  closeName: 1,
  closeQuietly: 1,
  markClosed: 0,
  TimeoutError: 3,
  InterruptedError: 3,
  BusyError: 3,
  EndError: 2,
  SocketError: 1,
  ClosedError: 1,
  ProcessError: 3,
};
/** Properties that hold what a learner reads. */
const SAID = new Set(["advice", "adviceWithTimeout", "waits", "missing", "interrupted"]);
const CATALOGUES = ["errors/sentences.ts", "errors/advice-table.ts"];

/** Words, written where they are said: not a space that joins two sentences. */
function isWritten(node: Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  // What is handed to a sentence are its words.
  if (ts.isCallExpression(node) && node.expression.getText().startsWith("SENTENCES.")) return false;
  const literal =
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node) ? node.text : "";
  if (/[a-z]/i.test(literal) && / /.test(literal)) return true;
  return ts.forEachChild(node, (child) => isWritten(child) || undefined) === true;
}

/** Where a file says something that is in no catalogue. */
function saidIn({ path, text }: Pick<Source, "path" | "text">): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const look = (node: Node | undefined): void => {
    if (node !== undefined && isWritten(node)) found.push(`${path}: ${node.getText().slice(0, 60)}`);
  };
  const visit = (node: Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const from = SAYING[node.expression.getText().replace(/^.*\./, "")];
      if (from !== undefined) for (const argument of node.arguments?.slice(from) ?? []) look(argument);
    }
    if (ts.isPropertyAssignment(node) && SAID.has(node.name.getText())) look(node.initializer);
    if (ts.isBinaryExpression(node) && /\badvice$/.test(node.left.getText())) look(node.right);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test("what is said stands in a catalogue, where a test provokes it", () => {
  const files = sources().filter(({ path }) => !CATALOGUES.includes(path));
  expect(files.flatMap(saidIn)).toEqual([]);
});

/** A name in a template, as it is written. */
const NAME = ["$", "{name}"].join("");

describe("what is said from elsewhere is found, however it is written", () => {
  test.each([
    'say("Nothing was lost.");',
    `say(\`${NAME} is closed already.\`);`,
    'say(open ? "It is open." : SENTENCES.wasClosed());',
    'error.advice = "Close it first.";',
    `error.advice += \` ${NAME} handles are open.\`;`,
    'core.markClosed("It was closed");',
    'throw new TimeoutError(call, name, "waited", "Run it again.");',
    'throw new EndError(call, name, "got too few of them", SENTENCES.peerEnded());',
    'throw new SocketError(failure, "The descriptor blocks.");',
    'const words = { waits: "waits for a client" };',
    'announce(this.name, "has ended now");',
  ])("%s", (text) => {
    expect(saidIn(read("handles/some.ts", text))).toHaveLength(1);
  });

  test.each([
    `say(SENTENCES.closedAlready(name, \` (in cell ${NAME})\`));`,
    'throw new TypeError("The name is a text.");',
    "const words = { waits: SENTENCES.waitsForClient(), advice };",
  ])("and what is in one is not: %s", (text) => {
    expect(saidIn(read("handles/some.ts", text))).toEqual([]);
  });
});

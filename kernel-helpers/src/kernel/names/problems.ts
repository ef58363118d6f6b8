import { relative } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import type { Diagnostic } from "tslab/dist/converter";
import { STAND_IN, withRealPaths } from "../folder";
import { isInFunction } from "./await";
import type { TypeScript } from "./typescript";

/** "'await' expressions are only allowed within async functions and at the top levels of modules." */
const AWAIT_IN_NO_ASYNC_FUNCTION = 1308;

/** "Import assignment cannot be used when targeting ECMAScript modules." A cell is CommonJS when it runs. */
const IMPORT_ASSIGNMENT = 1202;

/** What the compiler complains of in a cell and in the files that it imports; `prefix` is what stands before a cell, and no learner has written. */
export function problemsOf(ts: TypeScript, program: TS.Program, files: readonly TS.SourceFile[], prefix: string) {
  const found = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  return ts
    .sortAndDeduplicateDiagnostics(found)
    .filter((one) => !isTopLevelAwait(ts, one) && one.code !== IMPORT_ASSIGNMENT)
    .flatMap((one) => described(ts, one, files[0]!, prefix));
}

/** A cell with an `await` outside of functions runs as an async function: only the compiler does not know. */
function isTopLevelAwait(ts: TypeScript, { code, file, start = 0, length = 0 }: TS.Diagnostic): boolean {
  if (code !== AWAIT_IN_NO_ASYNC_FUNCTION || file === undefined) return false;
  const word = ts.findPrecedingToken(start + length, file);
  return word?.kind === ts.SyntaxKind.AwaitKeyword && !isInFunction(ts, word);
}

function described(ts: TypeScript, found: TS.Diagnostic, cell: TS.SourceFile, prefix: string): Diagnostic[] {
  const { file, start = 0, length = 0, category, messageText } = found;
  if (file === undefined) return [];
  const fileName = file === cell ? undefined : relative(STAND_IN, file.fileName);
  // Of a file further up nobody is told: it is not the notebook's.
  if (fileName?.startsWith("..")) return [];
  const hidden = file === cell || !ts.sys.fileExists(file.fileName) ? prefix.length : 0;
  const position = (offset: number) => placeIn(file, offset, hidden);
  const place = { start: position(start), end: position(start + length), category, fileName };
  return messages(messageText, found.code).map(({ text, code }) => ({
    ...place,
    code,
    messageText: withRealPaths(text),
  }));
}

/** A place, counted from behind the `hidden` characters, which are whole lines. */
function placeIn(file: TS.SourceFile, offset: number, hidden: number) {
  const { line, character } = file.getLineAndCharacterOfPosition(offset);
  return { offset: offset - hidden, line: line - (hidden > 0 ? 1 : 0), character };
}

/** A message and those that say more about it, each for itself. */
function messages(text: string | TS.DiagnosticMessageChain, code: number): { text: string; code: number }[] {
  if (typeof text === "string") return [{ text, code }];
  const more = (text.next ?? []).flatMap((next) => messages(next, next.code));
  return [{ text: text.messageText, code: text.code }, ...more];
}

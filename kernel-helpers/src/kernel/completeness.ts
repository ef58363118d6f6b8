import type { TypeScript } from "./names/typescript";

/** The content of an is_complete_reply (Jupyter messaging specification, "Code completeness"). */
export type Completeness = { status: "complete" | "invalid" } | { status: "incomplete"; indent: string };

// Numbers of TypeScript's messages.
const UNTERMINATED_STRING = 1002;
const UNTERMINATED_TEMPLATE = 1160;
const UNTERMINATED_REGEX = 1161;
/** So that it is read as a cell is: as a module, in which `await` is a keyword. */
const PREFIX = "export {};\n";

interface Mistake {
  code: number;
  start: number;
}

/**
 * Whether code can be run as it stands. It is incomplete when what is missing is at its end: the parser found nothing wrong before. As in
 * Node's REPL, a string that a line end has cut and a wrong bracket cannot be mended by writing on.
 */
export function completeness(ts: TypeScript, code: string): Completeness {
  const end = code.trimEnd().length;
  const mistakes = parse(ts, code);
  const inside = mistakes.filter(({ code: number, start }) => start < end || !canGoOn(number, code));
  if (inside.length === 0) {
    if (mistakes.length === 0 && !lacksBody(ts, code)) return { status: "complete" };
    return { status: "incomplete", indent: indent(code, mistakes) };
  }
  // Parameters with types are known by the `=>` behind them, which is not yet there: `const f = (a: number,`.
  const closing = closers(ts, code);
  const mended = closing.length > 0 && parse(ts, `${code}\n${closing.join("")}`).every(({ start }) => start >= end);
  return mended ? { status: "incomplete", indent: indent(code, mistakes) } : { status: "invalid" };
}

function parse(ts: TypeScript, code: string): Mistake[] {
  const file = ts.createSourceFile("cell.ts", PREFIX + code, ts.ScriptTarget.ESNext);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: Mistake[] };
  return parseDiagnostics.map((mistake) => ({ code: mistake.code, start: mistake.start - PREFIX.length }));
}

/** Whether a mistake at the end of the code is mended by writing on. */
function canGoOn(mistake: number, code: string): boolean {
  if (mistake === UNTERMINATED_STRING) return /\\\s*$/.test(code); // A backslash hides the line end.
  return mistake !== UNTERMINATED_REGEX;
}

/** `function f()` alone is an overload for TypeScript, whose body may follow. */
function lacksBody(ts: TypeScript, code: string): boolean {
  const last = ts.createSourceFile("cell.ts", PREFIX + code, ts.ScriptTarget.ESNext).statements.at(-1)!;
  if (!ts.isFunctionDeclaration(last) || last.body !== undefined || code.trimEnd().endsWith(";")) return false;
  return !last.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
}

/** What would close the brackets that are open, from the inside out; a round one as if it were that of parameters. */
function closers(ts: TypeScript, code: string): string[] {
  const { SyntaxKind } = ts;
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true, ts.LanguageVariant.Standard, code);
  const open: string[] = [];
  let before = SyntaxKind.Unknown;
  for (let token = scanner.scan(); token !== SyntaxKind.EndOfFileToken; before = token, token = scanner.scan()) {
    if (token === SyntaxKind.SlashToken && !endsValue(ts, before)) token = scanner.reScanSlashToken();
    if (token === SyntaxKind.CloseBraceToken && open.at(-1) === "}`") {
      token = scanner.reScanTemplateToken(false);
      if (token === SyntaxKind.TemplateTail) open.pop();
    } else if (token === SyntaxKind.TemplateHead) open.push("}`");
    else if (token === SyntaxKind.OpenBraceToken) open.push("}");
    else if (token === SyntaxKind.OpenBracketToken) open.push("]");
    else if (token === SyntaxKind.OpenParenToken) open.push(") => {}");
    else if (
      token === SyntaxKind.CloseBraceToken ||
      token === SyntaxKind.CloseBracketToken ||
      token === SyntaxKind.CloseParenToken
    )
      open.pop();
  }
  return open.reverse();
}

/** Whether a slash after this token divides. */
function endsValue(ts: TypeScript, token: number): boolean {
  const { SyntaxKind } = ts;
  if (token === SyntaxKind.CloseParenToken || token === SyntaxKind.CloseBracketToken) return true;
  if (token === SyntaxKind.Identifier || token === SyntaxKind.ThisKeyword || token === SyntaxKind.SuperKeyword)
    return true;
  return token >= SyntaxKind.FirstLiteralToken && token <= SyntaxKind.LastTemplateToken;
}

/** What the next line begins with. The spaces of a template's text would belong to the text. */
function indent(code: string, mistakes: Mistake[]): string {
  if (mistakes.some((mistake) => mistake.code === UNTERMINATED_TEMPLATE || mistake.code === UNTERMINATED_STRING))
    return "";
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const same = /^[ \t]*/.exec(line)?.[0] ?? "";
  return /([{([]|=>)$/.test(line) ? `${same}  ` : same;
}

import type { CellError } from "./errors";
import { excerpt } from "./excerpt";

/** One message of the TypeScript compiler; `line` and `column` count from 1. */
export interface Diagnostic {
  /** The file with a space after it, when it is not the cell itself. */
  file: string;
  line: number;
  column: number;
  text: string;
}

/** The error of a cell that TypeScript does not accept. */
export function describeDiagnostics(code: string, diagnostics: readonly Diagnostic[]): CellError {
  const [first, ...others] = diagnostics;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return {
    ename: "TypeScriptError",
    evalue: `${first === undefined ? "" : sentence(first)}${more}`,
    traceback: diagnosticLines(code, diagnostics),
  };
}

/** Each message, and under the last one about a place that place with a caret. */
export function diagnosticLines(code: string, diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.flatMap((diagnostic, i) => {
    const next = diagnostics[i + 1];
    const last = next === undefined || next.line !== diagnostic.line || next.column !== diagnostic.column;
    return [sentence(diagnostic), ...(last && diagnostic.file === "" ? lineOf(code, diagnostic) : [])];
  });
}

function sentence({ file, line, column, text }: Diagnostic): string {
  return `${file}${line}:${column} - ${text}`;
}

function lineOf(code: string, { line, column }: Diagnostic): string[] {
  const source = code.split("\n")[line - 1];
  return source === undefined ? [] : excerpt(source, column);
}

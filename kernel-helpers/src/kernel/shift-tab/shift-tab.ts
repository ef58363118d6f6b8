import type { Program, QuickInfo, SourceFile } from "@tslab/typescript-for-tslab";
import { docsText, plain } from "./docs";
import { signatureText } from "./signature";

/**
 * What Shift-Tab shows at a position in a cell: of the name there what it is, and of the call in whose brackets it is the signature.
 *
 * @param quick what TypeScript says of the name
 * @param program the one in which the code is the cell
 */
export function shiftTabText(
  ts: object,
  quick: QuickInfo | undefined,
  program: Program | undefined,
  code: string,
  position: number,
): string | undefined {
  const name = quick === undefined ? undefined : nameText(quick);
  const file = program === undefined ? undefined : cellIn(program, code);
  const offset = file === undefined ? 0 : file.text.length - code.length;
  const call = file === undefined ? undefined : signatureText(ts, program!, file, offset + position);
  if (name === undefined || call === undefined) return name ?? call;
  return `${name}\n\n${RULE}\n\n${call}`;
}

/** Between what is said of a name and of the call around it. */
const RULE = "─".repeat(40);

function nameText({ displayParts, documentation, tags }: QuickInfo): string {
  const docs = docsText(documentation, tags);
  return docs === "" ? plain(displayParts) : `${plain(displayParts)}\n\n${docs}`;
}

/** tslab's file of the cell, whose text is the cell's behind a prefix. */
function cellIn(program: Program, code: string): SourceFile | undefined {
  return program
    .getSourceFiles()
    .find(({ fileName, text }) => /\b__tslab__\.[jt]s$/.test(fileName) && text.endsWith(code));
}

import type {
  CancellationToken,
  Program,
  SignatureHelpItem,
  SignatureHelpItems,
  SignatureHelpParameter,
  SourceFile,
} from "@tslab/typescript-for-tslab";
import { docsText, plain, tagText } from "./docs";

/** How wide a line is that shows a signature, the tooltip in half a window of 1366 pixels. */
const WIDTH = 66;
/** How many signatures are shown of a function that has several. */
const MOST = 6;

type TypeScript = typeof import("@tslab/typescript-for-tslab") & {
  /** Not in TypeScript's declarations: what its language service calls. */
  SignatureHelp: {
    getSignatureHelpItems(
      program: Program,
      file: SourceFile,
      position: number,
      reason: undefined,
      cancellation: CancellationToken & { throwIfCancellationRequested(): void },
    ): SignatureHelpItems | undefined;
  };
};

const NEVER = { isCancellationRequested: () => false, throwIfCancellationRequested: () => {} };

/**
 * The call in whose brackets a position is: its signature with the parameter at the position underlined, what is said of that parameter,
 * the other signatures, and the docs. Undefined outside of brackets.
 */
export function signatureText(ts: object, program: Program, file: SourceFile, position: number): string | undefined {
  const { SignatureHelp } = ts as TypeScript;
  const help = SignatureHelp.getSignatureHelpItems(program, file, position, undefined, NEVER);
  const selected = help?.items[help.selectedItemIndex];
  if (help === undefined || selected === undefined) return undefined;
  const parameter = selected.parameters[help.argumentIndex];
  const others = help.items.filter((item) => item !== selected);
  const own = selected.tags.filter((tag) => tag.name === "param" && tag.text?.[0]?.text === parameter?.name);
  const lines = signature(selected, parameter);
  if (own.length > 0) lines.push("", ...own.map(tagText));
  if (others.length > 0)
    lines.push("", others.length === 1 ? "It can also be called so:" : "It can also be called in these ways:");
  for (const item of others.slice(0, MOST)) lines.push(...signature(item, undefined));
  if (others.length > MOST) lines.push(`… and in ${others.length - MOST} more.`);
  const rest = selected.tags.filter((tag) => !own.includes(tag));
  const docs = docsText(selected.documentation, rest);
  return docs === "" ? lines.join("\n") : `${lines.join("\n")}\n\n${docs}`;
}

/** In one line, or with a line for each parameter where that is too long; below the marked parameter carets. */
function signature(item: SignatureHelpItem, marked: SignatureHelpParameter | undefined): string[] {
  const prefix = plain(item.prefixDisplayParts);
  const suffix = plain(item.suffixDisplayParts);
  const separator = plain(item.separatorDisplayParts);
  const parameters = item.parameters.map((parameter) => ({ parameter, text: plain(parameter.displayParts) }));
  const line = prefix + parameters.map(({ text }) => text).join(separator) + suffix;
  if (line.length <= WIDTH && !line.includes("\n")) {
    const at = parameters.findIndex(({ parameter }) => parameter === marked);
    if (at < 0) return [line];
    const before =
      prefix +
      parameters
        .slice(0, at)
        .map(({ text }) => text + separator)
        .join("");
    return [line, " ".repeat(before.length) + "^".repeat(parameters[at]!.text.length)];
  }
  return [
    prefix,
    ...parameters.flatMap(({ parameter, text }, i) => [
      `  ${text}${i < parameters.length - 1 ? separator.trimEnd() : ""}`,
      ...(parameter === marked ? [`  ${"^".repeat(Math.min(text.split("\n")[0]!.length, WIDTH))}`] : []),
    ]),
    suffix,
  ];
}

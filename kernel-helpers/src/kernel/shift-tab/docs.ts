import type { JSDocTagInfo, SymbolDisplayPart } from "@tslab/typescript-for-tslab";

type Parts = readonly SymbolDisplayPart[] | undefined;

/** Words with which a tag's text says itself what it is. */
const OWN_LABEL = /^(?:Returns|Errors:|Side:|State:)/;

/** A code block, a heading, a quotation, a table or an item of a list begins here: it has a line of its own. */
const OWN_LINE = /^(?: {4}|\t|\s*(?:[-*+]|\d+[.)])\s|\s*(?:```|#|>|\|))/;

/** The text of a documentation comment and of its tags. */
export function docsText(documentation: Parts, tags: readonly JSDocTagInfo[] = []): string {
  return [paragraphs(plain(documentation)), ...tags.map(tagText)].filter((text) => text !== "").join("\n");
}

/** Text as TypeScript gives it, and of its links `{@link Math.abs the docs}` what they say and where they lead: the docs (Math.abs). */
export function plain(parts: Parts = []): string {
  return parts
    .map(({ kind, text }, i) => {
      if (kind === "link") return "";
      const next = parts[i + 1];
      if (kind === "linkName" && next?.kind === "linkText") return "";
      const before = parts[i - 1];
      return kind === "linkText" && before?.kind === "linkName" ? `${text.trim()} (${before.text})` : text;
    })
    .join("");
}

/** Joins the lines of a paragraph: the source is broken where its file is too narrow, and the tooltip breaks it again. */
export function paragraphs(text: string): string {
  const lines: string[] = [];
  let open = false;
  let fenced = false;
  for (const line of text.split("\n")) {
    const fence = /^\s*```/.test(line);
    const joins = open && !fenced && !OWN_LINE.test(line) && line.trim() !== "";
    if (joins) lines.push(`${lines.pop()} ${line.trim()}`);
    else lines.push(line.trimEnd());
    if (fence) fenced = !fenced;
    // What follows a heading or a table does not belong to it; what follows an item of a list does.
    open = !fence && !fenced && line.trim() !== "" && !/^(?: {4}|\t|\s*[#|])/.test(line);
  }
  return lines.join("\n");
}

export function tagText({ name, text }: JSDocTagInfo): string {
  const words = plain(text);
  if (words === "") return `@${name}`;
  if (name === "example") return `@${name}\n${words}`;
  return OWN_LABEL.test(words) ? paragraphs(words) : paragraphs(`@${name} ${words}`);
}

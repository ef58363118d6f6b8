import { clean } from "../bytes/clean";

export { clean };

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Cleaned text as it stands between tags or in an attribute, of XML and of HTML alike. */
export function escapeText(text: string): string {
  return clean(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

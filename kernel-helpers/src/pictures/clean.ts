/** Marks, joiners and overrides that are invisible or turn the direction of the text around them, and private or unassigned places. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu;
/** Nearly every text, with the signs that the pictures use themselves: nothing to do. */
const PLAIN = /^[\x20-\x7e…←→✕–·×]*$/;
/** More accents on one letter than any language writes would reach into the lines above and below. */
const PILED = /(\p{M}{2})\p{M}+/gu;

/**
 * Text from outside made harmless to show: a control character, a direction override, half of a surrogate pair and the like are
 * written as their number, `\u{202e}`; everything else stays as it is.
 */
export function clean(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(PILED, "$1");
}

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

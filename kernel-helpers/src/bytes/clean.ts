/** Marks, joiners and overrides that are invisible or turn the direction of the text around them, and private or unassigned places. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu;
/** Nearly every text, with the signs that the lines and pictures use themselves: nothing to do. */
const PLAIN = /^[\x20-\x7e…←→✕–·×]*$/;
/** More accents on one letter than any language writes would reach into the lines above and below. */
const PILED = /(\p{M}{2})\p{M}+/gu;

/**
 * Text from outside made harmless to show: a control character, a direction override, half of a surrogate pair and the like are
 * written as their number, `\u{202e}`; everything else stays as it is. A name with a carriage return in it could otherwise print a line of
 * the trace that never was.
 */
export function clean(text: string): string {
  if (PLAIN.test(text)) return text;
  return unpiled(text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`));
}

/** Whether a character would not be seen, or would disturb what stands beside it. */
export function isUnseen(character: string): boolean {
  UNSEEN.lastIndex = 0;
  return UNSEEN.test(character);
}

/** Text with at most two accents on a letter. */
export function unpiled(text: string): string {
  return text.replace(PILED, "$1");
}

/** A longer name pushes everything else out of its line and its picture. */
const LONGEST_NAME = 100;

/**
 * The name of a handle or of a process, made harmless.
 *
 * @throws RangeError for a longer one than any line has room for
 */
export function cleanName(name: string): string {
  if (name.length > LONGEST_NAME)
    throw new RangeError(
      `A name has at most ${LONGEST_NAME} letters, and this one has ${name.length}: ${clean(name.slice(0, 20))}…`,
    );
  return clean(name);
}

import type { ConversationStep } from "./evidence";

/** The bytes of a preview. */
export function previewBytes(data: ArrayLike<number> | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "utf8") : Uint8Array.from(data);
}

/** Two previews can belong to the same bytes: what both show is equal. */
export function agree(a: ConversationStep["data"], b: ConversationStep["data"]): boolean {
  if (a === undefined || b === undefined) return true;
  const x = bytesOf(a);
  const y = bytesOf(b);
  const common = Math.min(x.length, y.length);
  for (let index = 0; index < common; index++) if (x[index] !== y[index]) return false;
  return true;
}

/** Without a copy of what is bytes already. */
function bytesOf(data: ArrayLike<number> | string): ArrayLike<number> {
  return typeof data === "string" ? previewBytes(data) : data;
}

/** So many bytes are compared at once. */
const BEGINNING = 12;

/**
 * The first twelve of so many bytes, or all where there are fewer, each as a letter. Where two of them differ the bytes do.
 *
 * @param cut there can have been more bytes
 * @returns undefined when the preview does not tell
 */
export function beginning(data: ConversationStep["data"], bytes: number, cut = false): string | undefined {
  if (data === undefined || (cut && bytes < BEGINNING)) return undefined;
  const length = Math.min(bytes, BEGINNING);
  // A letter more: it can be the second half of the last one.
  const shown = bytesOf(typeof data === "string" ? data.slice(0, length + 1) : data);
  if (shown.length < length) return undefined;
  let text = "";
  for (let index = 0; index < length; index++) text += String.fromCharCode(shown[index]!);
  return text;
}

import { quoteText } from "../bytes";
import type { LadderStep } from "./scene";

/** How many bytes of a payload a label shows. */
const SHOWN = 16;

/** The bytes of a preview. */
export function previewBytes(data: ArrayLike<number> | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "utf8") : Uint8Array.from(data);
}

/** The payload of a send or receive in quotes, what is UTF-8 as text, with dots after it when there is more. */
export function quotedPayload({ data, result }: LadderStep): string | undefined {
  if (data === undefined) return undefined;
  const bytes = previewBytes(data);
  const shown = quoteText(bytes, SHOWN);
  return bytes.byteLength <= SHOWN && (result ?? 0) > bytes.byteLength ? `${shown}...` : shown;
}

/** Two previews can belong to the same bytes: what both show is equal. */
export function agree(a: LadderStep["data"], b: LadderStep["data"]): boolean {
  if (a === undefined || b === undefined) return true;
  const x = previewBytes(a);
  const y = previewBytes(b);
  const common = Math.min(x.byteLength, y.byteLength);
  return x.subarray(0, common).every((byte, index) => byte === y[index]);
}

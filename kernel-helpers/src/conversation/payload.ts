import type { ConversationStep } from "./evidence";

/** The bytes of a preview. */
export function previewBytes(data: ArrayLike<number> | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "utf8") : Uint8Array.from(data);
}

/** Two previews can belong to the same bytes: what both show is equal. */
export function agree(a: ConversationStep["data"], b: ConversationStep["data"]): boolean {
  if (a === undefined || b === undefined) return true;
  const x = previewBytes(a);
  const y = previewBytes(b);
  const common = Math.min(x.byteLength, y.byteLength);
  return x.subarray(0, common).every((byte, index) => byte === y[index]);
}

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

import { quoteText } from "../../bytes";
import { type ConversationStep, previewBytes } from "../../conversation";

/** How many bytes of a payload a label shows. */
const SHOWN = 16;

/** The payload of a send or receive in quotes, what is UTF-8 as text, with dots after it when there is more. */
export function quotedPayload({ data, result }: ConversationStep): string | undefined {
  if (data === undefined) return undefined;
  const bytes = previewBytes(data);
  const shown = quoteText(bytes, SHOWN);
  return bytes.byteLength <= SHOWN && (result ?? 0) > bytes.byteLength ? `${shown}...` : shown;
}

import { type OptionKind, optionByNumber } from "../facts";
import { clean } from "./clean";
import { decodeOptionValue } from "./option-decode";

/** Kinds of option values that are too long for a line. */
const UNSHOWN: ReadonlySet<OptionKind> = new Set<OptionKind>(["bytes", "tcp_info"]);

/** An option's value as a learner writes it: `1`, `127.0.0.1`; `{239.1.2.3, 127.0.0.1}` when it has parts; undefined when it says nothing in a line. */
export function optionValueText(level: number, number: number, value: Uint8Array): string | undefined {
  const option = optionByNumber(level, number);
  if (option === undefined || option.unit === "ignored" || UNSHOWN.has(option.kind)) return undefined;
  try {
    const decoded: unknown = decodeOptionValue(option, value);
    if (typeof decoded === "object" && decoded !== null) return `{${Object.values(decoded).join(", ")}}`;
    // The name of an interface or of an algorithm is any text.
    return clean(String(decoded));
  } catch (error) {
    // Too few bytes for this option: calls on numbers take any.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

import { errnoMeaning } from "../facts";
import { ADVICE } from "./advice-table";
import { CIRCUMSTANCES, type Circumstance, type Known } from "./circumstances";

/** What to do about this errno of this call, in one or two sentences. Without an advice that is known to be right, what the errno means. */
export function adviceFor(syscall: string, code: string, known: Known = {}): string {
  const found = own(own(ADVICE, syscall), code);
  if (found === undefined || typeof found === "string") return found ?? errnoMeaning(code);
  for (const [circumstance, sentence] of Object.entries(found)) {
    if (CIRCUMSTANCES[circumstance as Circumstance](known)) return sentence;
  }
  return errnoMeaning(code);
}

/** A table's own entry: what every object inherits ("constructor") is none. */
function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

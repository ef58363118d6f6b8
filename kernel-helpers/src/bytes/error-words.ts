import { shown } from "./arguments";
import { clean } from "./clean";

/** More of it nobody reads. */
const LONGEST = 500;

/**
 * What was thrown, in one line that cannot disturb what stands beside it. Code of a learner throws anything, also what no text can be made of.
 */
export function errorWords(error: unknown): string {
  let text: string;
  try {
    text = error instanceof Error ? ofError(error) : String(error);
  } catch {
    return shown(error);
  }
  const [line = ""] = text.split("\n", 1);
  return line.length > LONGEST ? `${clean(line.slice(0, LONGEST))}…` : clean(line);
}

function ofError({ name, message }: Error): string {
  return name === "Error" ? String(message) : `${name}: ${message}`;
}

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("refuse.c", import.meta.url));

/**
 * Compiles a program that runs another one on a system that refuses it a call: all of them, or those with one value of an argument.
 * The words are C's, of its headers.
 */
export function compileRefusal(
  program: string,
  { call, answer, where }: { call: string; answer: string; where?: [argument: number, value: string] | undefined },
): void {
  const only = where ? [`-DARGUMENT=${where[0]}`, `-DVALUE=${where[1]}`] : [];
  const defined = [`-DCALL=SYS_${call}`, `-DANSWER=${answer}`, ...only];
  execFileSync("gcc", ["-Wall", "-Werror", ...defined, "-o", program, SOURCE]);
}

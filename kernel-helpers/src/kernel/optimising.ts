import { setFlagsFromString } from "node:v8";

/*
 * V8 of Node 20 hands functions to its optimiser early: to compile what is warm took 45 % of the processor's time of a first Run All (on threads of
 * its own, which others have to do without), and most of that code is the compiler's, of which each part is used a little. With four times V8's own
 * budget, Run All of notebooks 01, 02 and 03 takes 28, 20 and 33 % less processor time, run again 43, 5 and 14 % less, and the thread that runs the
 * cells no more than before. (15 times: that thread takes 10 % more.) Node 22 and newer count calls instead, and wait longer by themselves.
 */

/** In bytes of bytecode that a function runs before V8 looks at it again. */
const BUDGET = 4 * 67_584;

/** Lets V8 optimise what is used a lot, and not what is merely used. On the command line it would change what a snapshot belongs to. */
export function optimiseLater(): void {
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * A program that is measured, as in turns.h.
 *
 * @param {(rounds: number) => unknown} turn makes so many rounds; it may be one to await
 * @param {number} [output] the descriptor to which the results go: standard output unless told
 */
export async function inTurns(turn, output = 1) {
  for await (const line of createInterface({ input: process.stdin })) {
    const rounds = Number(line);
    const [start, before] = [performance.now(), process.cpuUsage()];
    await turn(rounds);
    const { user, system } = process.cpuUsage(before);
    writeSync(output, `${(user + system) / rounds} ${((performance.now() - start) * 1000) / rounds}\n`);
  }
  process.exit();
}

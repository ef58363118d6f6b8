import { closeAll, type OtherProcess } from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { newSince, socketDescriptors } from "../support/descriptors.js";
import { Fault } from "./fault.js";
import { Operations } from "./operations.js";
import { Random } from "./random.js";

/** No operation waits for longer than a minute. */
const HANGS = 120_000;

async function inTime(step: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault(`it has not ended after ${HANGS / 1000} s`)), HANGS);
  });
  await Promise.race([step, hangs]).finally(() => clearTimeout(timer));
}

/**
 * Makes so many random operations, and looks afterwards at what is left: no socket that no handle has, and nobody who waits.
 *
 * @param told called from time to time with what has been done
 * @throws an error with the seed and the last operations
 */
export async function soak(
  seed: number,
  steps: number,
  { other, told }: { other?: OtherProcess; told?: (done: number) => void } = {},
): Promise<ReadonlyMap<string, number>> {
  const before = socketDescriptors();
  const operations = new Operations(new Random(seed), other);
  try {
    for (let step = 0; step < steps; step++) {
      await inTime(operations.step());
      if (step % 5000 === 4999) told?.(operations.done);
    }
    await other?.stop();
    closeAll();
    await operations.end();
    const left = newSince(before);
    if (left.length > 0) throw new Fault(`sockets left open: ${left}`);
    const waits = reactor().pending().length;
    if (waits > 0) throw new Fault(`${waits} waits left`);
  } catch (error) {
    const log = operations.log.slice(-20).join("\n  ");
    await other?.stop();
    throw new Error(`seed ${seed}, operation ${operations.done}: ${(error as Error).message}\n  ${log}`, {
      cause: error,
    });
  }
  return operations.outcomes;
}

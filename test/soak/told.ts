/** A line for whoever watches. Not console.log, which vitest holds back until a test is over. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A seed that was chosen by SOAK_SEED: a failure names it. */
export const CHOSEN = process.env.SOAK_SEED === undefined ? undefined : Number(process.env.SOAK_SEED);

/**
 * One part of `npm run soak`, which takes most of an hour: says what begins, with its seed, because what hangs or crashes says nothing any more;
 * and when it fails why, and how to have that again. vitest tells it when everything is over.
 *
 * @param again what is to be run for this part alone
 */
export async function part<T>(
  title: string,
  { seed, again }: { seed?: number; again: string },
  action: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const passed = () => `${Math.round((performance.now() - began) / 1000)} s`;
  tell(`${title}: begins${seed === undefined ? "" : `, seed ${seed}`}`);
  try {
    const value = await action();
    tell(`${title}: well, after ${passed()}`);
    return value;
  } catch (error) {
    const variables = seed === undefined ? "" : `SOAK_SEED=${seed} `;
    tell(`${title}: FAILED after ${passed()}: ${String(error)}\n  Again: ${variables}npm run soak -- ${again}`);
    throw error;
  }
}

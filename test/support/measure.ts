/** The middle value; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** How long it takes, in milliseconds. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** One line of a measurement, for the reader of the run. */
export function report(what: string, values: Record<string, number>): void {
  const parts = Object.entries(values).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  console.log(`${what}: ${parts.join(", ")}`);
}

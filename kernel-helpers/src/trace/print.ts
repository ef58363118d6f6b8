/** Writes a line to the cell. `process.stdout.write` is the cell's own under tslab, so it is looked up each time. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A time for people: "0.31 ms", "52 ms", "3.2 s", "2 min 5 s". */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 9.95) return `${trim(ms, ms < 0.995 ? 2 : 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trim(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** The same in seven letters, for a narrow column: "0.31 ms", "3.2 s", "125 s", "1:02 h". */
export function shortDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 59_950) return duration(ms);
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${seconds} s`;
  const minutes = `${Math.floor((seconds % 3600) / 60)}`.padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${minutes} h`;
}

function trim(value: number, digits: number): string {
  return `${Number(value.toFixed(digits))}`;
}

/** "1 byte", "5 bytes", "1,000 bytes". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** The relative luminance of a colour, as WCAG 2 has it: 0 for black, 1 for white. */
export function luminance(red: number, green: number, blue: number): number {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function channels(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour)?.slice(1);
  if (hex !== undefined) return hex.map((part) => Number.parseInt(part, 16)) as [number, number, number];
  const numbers = /^rgba?\((\d+), (\d+), (\d+)/.exec(colour)?.slice(1);
  if (numbers === undefined) throw new Error(`${colour} is not #rrggbb or rgb(r, g, b).`);
  return numbers.map(Number) as [number, number, number];
}

/** The contrast of two opaque colours, as WCAG 2 has it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(...channels(one)), luminance(...channels(other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

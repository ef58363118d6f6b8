// Jupyter counts cursor positions in Unicode code points, tslab and JavaScript in UTF-16 units.

/** The UTF-16 index of a position that counts code points. */
export function toUtf16(text: string, codePoints: number): number {
  let index = 0;
  for (let left = codePoints; left > 0 && index < text.length; left--)
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  return index;
}

/** The number of code points before a UTF-16 index. */
export function toCodePoints(text: string, index: number): number {
  return [...text.slice(0, index)].length;
}

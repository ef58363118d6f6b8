/**
 * The longest common subsequence of two sequences that differ little (E. W. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986): for each element of `b` the index of its partner in `a`, or -1.
 *
 * @param most how many elements, of both together, may be without a partner; with more there are none for anybody
 */
export function align(a: readonly string[], b: readonly string[], most: number): Int32Array {
  const partners = new Int32Array(b.length).fill(-1);
  const trace = steps(a, b, most);
  if (trace === undefined) return partners;
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; x > 0 || y > 0; d--) {
    const k = x - y;
    const before = d === 0 ? k : cameFromAbove(trace[d - 1]!, d, k) ? k + 1 : k - 1;
    const beforeX = d === 0 ? 0 : trace[d - 1]![before + d - 1]!;
    const beforeY = d === 0 ? 0 : beforeX - before;
    for (; x > beforeX && y > beforeY; ) partners[--y] = --x;
    x = beforeX;
    y = beforeY;
  }
  return partners;
}

/** For each number of differences how far each diagonal reaches: that of diagonal k stands at k plus that number. */
function steps(a: readonly string[], b: readonly string[], most: number): Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    const reached = new Int32Array(2 * d + 1);
    const last = trace[d - 1];
    for (let k = -d; k <= d; k += 2) {
      let x = 0;
      if (last !== undefined) x = cameFromAbove(last, d, k) ? last[k + 1 + d - 1]! : last[k - 1 + d - 1]! + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reached[k + d] = x;
      if (x >= a.length && y >= b.length) return [...trace, reached];
    }
    trace.push(reached);
  }
  return undefined;
}

/** Whether diagonal k is best reached by leaving out an element of `b`, not of `a`. */
function cameFromAbove(last: Int32Array, d: number, k: number): boolean {
  return k === -d || (k !== d && last[k - 1 + d - 1]! < last[k + 1 + d - 1]!);
}

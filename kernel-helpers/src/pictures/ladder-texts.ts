import { duration } from "./duration";
import { LINE, type Row } from "./ladder-rows";
import { columnsIn, shorten, textWidth } from "./measure";
import { boxAt, lineTo, textAt } from "./svg";
import { SIZE } from "./theme";

/** The labels beside the marks, and the notes above the arrows. */
export function labels(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      if (row.type === "idle") return "";
      if (row.type === "states") {
        return row.states
          .map(({ column, state }) => {
            const text = shorten(state, column.columns - 2);
            const box = boxAt(column.label - 4, row.y + 1, textWidth(text, SIZE) + 10, 16, "p", 8);
            return (
              lineTo(column.x, row.y + 9, column.label - 4, row.y + 9, "p-line") +
              box +
              textAt(column.label + 1, row.y + 13, text, "bare q")
            );
          })
          .join("");
      }
      const texts = row.labels.map(({ text, kind }, index) =>
        textAt(row.column.label, row.y + 12 + index * LINE, text, kind),
      );
      if (row.note !== undefined && row.track !== undefined) {
        const { text, leftward } = row.note;
        texts.push(textAt(row.column.x + (leftward ? -10 : 10), row.track - 7, text, leftward ? "q s end" : "q s"));
      }
      return texts.join("");
    })
    .join("");
}

/** The first column: the time since the first call wherever it changes, the cell wherever another begins. */
export function times(rows: readonly Row[], zero: number, right: number, cells: boolean): string {
  let last = "";
  let cell: number | undefined;
  const parts: string[] = [];
  for (const row of rows) {
    if (row.type === "idle") parts.push(textAt(right, row.y + 11, row.text, "q s end"));
    if (row.type !== "call" || row.phase === "still") continue;
    const { step } = row.call;
    const text = duration((row.phase === "end" ? step.end! : step.start) - zero);
    if (text !== last) parts.push(textAt(right, row.y + 12, text, "q s end"));
    last = text;
    if (cells && row.phase !== "end" && step.cell !== cell) {
      cell = step.cell;
      if (cell !== undefined) parts.push(textAt(8, row.y + 12, shorten(`[${cell}]`, columnsIn(34, 10)), "q s"));
    }
  }
  return parts.join("");
}

import { shortDuration } from "../duration";
import { columnsIn, shorten, textWidth } from "../measure";
import { boxAt, lineTo, textAt } from "../svg";
import { SMALL } from "../theme";
import { LINE, type Row } from "./rows";

/** The labels beside the marks, and the notes above the arrows. */
export function labels(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      if (row.type === "idle") return "";
      if (row.type === "states") {
        return row.states
          .map(({ column, state }) => {
            const text = stateText(state, columnsIn(column.room + 1, SMALL));
            const box = boxAt(column.label - 4, row.y + 1, textWidth(text, SMALL) + 6, 16, "p", 4);
            return (
              lineTo(column.x, row.y + 9, column.label - 4, row.y + 9, "p-line") +
              box +
              textAt(column.label - 1, row.y + 12.5, text, "bare q s")
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

/** In a narrow lane ESTABLISHED is written as ss(8) writes it. */
function stateText(state: string, room: number): string {
  return state === "ESTABLISHED" && room < state.length ? "ESTAB" : shorten(state, room);
}

/** The first column: the cell wherever another begins, and below it the time since the first call wherever that changes. */
export function times(rows: readonly Row[], zero: number, right: number, cells: boolean): string {
  let last = "";
  let cell: number | undefined;
  const parts: string[] = [];
  for (const row of rows) {
    if (row.type === "idle") parts.push(textAt(right, row.y + 11, row.text, "q s end"));
    if (row.type !== "call" || row.phase === "still") continue;
    const { step } = row.call;
    const begins = cells && row.phase !== "end" && step.cell !== cell;
    if (begins) cell = step.cell;
    const named = begins && cell !== undefined;
    if (named) parts.push(textAt(right, row.y + 8, shorten(`[${cell}]`, columnsIn(right, SMALL)), "q s end"));
    const text = shortDuration((row.phase === "end" ? step.end! : step.start) - zero);
    if (text !== last) parts.push(textAt(right, row.y + (named ? 18 : 12), text, "q s end"));
    last = text;
  }
  return parts.join("");
}

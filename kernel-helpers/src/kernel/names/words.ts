const NAME = "[\\p{ID_Start}$_][\\p{ID_Continue}$]*";
const CALLED = new RegExp(`\\(0 , notebook_*\\.(${NAME})\\)`, "gu");
const USED = new RegExp(`\\bnotebook_*\\.(?=${NAME})`, "gu");

/**
 * JavaScript quotes the code in some messages, "(0 , notebook.twice) is not a function": the code that was made of the cell
 * (names/cell.ts), in which the learner's `twice` is a property.
 */
export function inWordsOfTheCell(thrown: object, message: string): string {
  return thrown instanceof TypeError || thrown instanceof ReferenceError
    ? message.replace(CALLED, "$1").replace(USED, "")
    : message;
}

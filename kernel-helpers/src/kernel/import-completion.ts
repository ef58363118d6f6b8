const HELPERS = "kernel-helpers";
/** From `import {` to the cursor. */
const BEFORE = /(?:^|[;\n])[ \t]*import\s+(?:type\s+)?(?:[\p{ID_Continue}$]+\s*,\s*)?\{[^{}"'`;=]*$/u;
/** Behind the cursor: the rest of the name, and what is there of the end of the import. */
const AFTER = /^([\p{ID_Continue}$]*)((?:[^{}"'`;=]*\})?)(\s*from\s*["'])?/u;

/**
 * `import { so` names no module yet, so the compiler has no names to offer: most such lines are going to end in `} from "kernel-helpers"`.
 *
 * @param cursor in UTF-16 units
 * @returns the code with that end, in which the cursor stands at the same place
 */
export function withModule(code: string, cursor: number): string {
  if (!BEFORE.test(code.slice(0, cursor))) return code;
  const [, name = "", list = "", from] = AFTER.exec(code.slice(cursor)) ?? [];
  if (list !== "" && from !== undefined) return code;
  const end = cursor + name.length + list.length;
  const added = `${list === "" ? " }" : ""}${from === undefined ? ` from "${HELPERS}";` : ""}`;
  return code.slice(0, end) + added + code.slice(end);
}

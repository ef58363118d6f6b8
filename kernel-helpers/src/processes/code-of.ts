/*
 * What of a function's text is code. Strings, the words of templates, regular expressions and comments can hold whatever they like: "see
 * notebook.port" is no variable.
 */

const ASIDE = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const REGULAR_EXPRESSION = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** The words of a template up to its end, or to an expression in it. */
const WORDS = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
/** What stands before a regular expression; after anything else a slash divides. */
const BEFORE = /(?:^|[^\w$)\]}"'`.\s]|\b(?:return|typeof|case|in|of|void|delete|await|yield))\s*$/;

/** The text of a function with nothing in it but its code: `""` stands for each string, regular expression and comment. */
export function codeOf(text: string): string {
  let code = "";
  let at = 0;
  /** How many braces are open in each expression of a template that is under way. */
  const templates: number[] = [];

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const skipWords = (): void => {
    const words = take(WORDS);
    if (words === undefined) at = text.length;
    else if (words.endsWith("{")) templates.push(0);
    code += '""';
  };

  while (at < text.length) {
    const isRegularExpression = text[at] === "/" && BEFORE.test(code.slice(-20));
    if (take(ASIDE) !== undefined || (isRegularExpression && take(REGULAR_EXPRESSION) !== undefined)) {
      code += '""';
      continue;
    }
    const letter = text[at] as string;
    at += 1;
    const open = templates.at(-1);
    if (letter === "`") skipWords();
    else if (letter === "}" && open === 0) {
      templates.pop();
      code += ";";
      skipWords();
    } else {
      if (open !== undefined && letter === "{") templates[templates.length - 1] = open + 1;
      if (open !== undefined && letter === "}") templates[templates.length - 1] = open - 1;
      code += letter;
    }
  }
  return code;
}

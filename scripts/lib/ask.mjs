import { createInterface } from "node:readline";
import { Problem } from "./problem.mjs";

/**
 * Asks a question that Return, the end of the input and Ctrl-C answer with no.
 * @param {string} question
 * @param {string} otherwise the command that does not ask
 * @returns {Promise<boolean>}
 */
export function ask(question, otherwise) {
  if (!process.stdin.isTTY)
    throw new Problem(`There is no terminal to ask in, and nothing was changed: \`${otherwise}\` does not ask.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    terminal.once("close", () => {
      console.log();
      resolve(false);
    });
    terminal.question(question, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()));
      terminal.removeAllListeners("close").close();
    });
  });
}

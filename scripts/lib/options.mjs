import { Problem } from "./problem.mjs";

/** What is wrong, of what Node's words name. @param {unknown} error */
function sentence(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  // "Unknown option '--foo'. …", "Option '-y, --yes' does not take an argument", "Option '--from <value>' argument missing"
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? "";
  const option = /--[^ ]+/.exec(quoted)?.[0] ?? quoted;
  switch (code) {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION":
      return `There is no option ${option}.`;
    case "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL":
      return `"${quoted}" is no option.`;
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE":
      return message.includes("does not take")
        ? `${option} takes no value.`
        : `${option} needs a value, as in ${option}=VALUE.`;
    default:
      throw error;
  }
}

/**
 * Reads options, or says in one sentence of ours what is wrong: Node's advice about `--` misleads, npm has taken one away.
 * @template T
 * @param {() => T} parse calls parseArgs
 * @param {string} use what can be meant, as a sentence
 * @returns {T}
 */
export function readOptions(parse, use) {
  try {
    return parse();
  } catch (error) {
    throw new Problem(`${sentence(error)} ${use}`);
  }
}

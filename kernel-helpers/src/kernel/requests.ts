import { inspect } from "node:util";

/** What a field of a request holds (Jupyter messaging specification, "Messages on the shell (ROUTER/DEALER) channel"). */
type Kind = "string" | "boolean" | "number";

interface Fields {
  readonly required?: Readonly<Record<string, Kind>>;
  readonly optional?: Readonly<Record<string, Kind>>;
}

/**
 * The fields that are used here. What is wrong is refused before anything is done: a `null` where an object was to be once left the kernel
 * alive and deaf, because the error ended the loop that reads.
 */
const FIELDS: Readonly<Record<string, Fields>> = {
  execute_request: {
    required: { code: "string" },
    optional: { silent: "boolean", store_history: "boolean", stop_on_error: "boolean" },
  },
  is_complete_request: { required: { code: "string" } },
  inspect_request: { required: { code: "string", cursor_pos: "number" } },
  complete_request: { required: { code: "string", cursor_pos: "number" } },
};

/** A request that asks for nothing that could be done. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
}

/**
 * Looks at the content of a request before it is answered.
 *
 * @throws RefusedRequest, which says what is wrong with it
 */
export function checkedContent(msgType: string, content: unknown): Record<string, unknown> {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new RefusedRequest(`The content of ${msgType} is an object, not ${shown(content)}.`);
  }
  const { required = {}, optional = {} } = FIELDS[msgType] ?? {};
  const given = content as Record<string, unknown>;
  for (const [name, kind] of Object.entries(required)) mustBe(msgType, name, kind, given[name]);
  for (const [name, kind] of Object.entries(optional)) {
    if (given[name] !== undefined && given[name] !== null) mustBe(msgType, name, kind, given[name]);
  }
  return given;
}

function mustBe(msgType: string, name: string, kind: Kind, value: unknown): void {
  const right = kind === "number" ? Number.isSafeInteger(value) && Number(value) >= 0 : typeof value === kind;
  if (!right) throw new RefusedRequest(`${name} in ${msgType} is ${WORDS[kind]}, not ${shown(value)}.`);
}

const WORDS: Readonly<Record<Kind, string>> = {
  string: "a text",
  boolean: "true or false",
  number: "a whole number from 0",
};

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 40, maxArrayLength: 4 });
}

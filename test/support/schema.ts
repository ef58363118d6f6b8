import { Ajv, type SchemaObject } from "ajv";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

/** An object that has these properties and no others. */
export function closed(properties: Record<string, unknown>, required: string[] = []): SchemaObject {
  return { type: "object", properties, required, additionalProperties: false };
}

/** A text with something in it. */
export const WORDS = { type: "string", pattern: "\\S" };

/** How a value breaks a JSON schema: one sentence for each place, none when it does not. */
export function broken(schema: SchemaObject, value: unknown): string[] {
  const check = ajv.compile(schema);
  if (check(value)) return [];
  return (check.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = "additionalProperty" in params ? `: ${params.additionalProperty}` : "";
    return `${instancePath || "the file"} ${message}${extra}`;
  });
}

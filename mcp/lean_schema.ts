/**
 * The schemas of tools as a model sees them: each word of theirs is paid for in every chat.
 *
 * @module
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";

/** Says nothing new: the protocol names the dialect, and every name in JSON is a string. */
const SILENT = ["$schema", "propertyNames"];

/** Leaves out of a schema's JSON what helps no model. It checks as before. */
export function leanSchema<In, Out>(schema: StandardSchemaWithJSON<In, Out>): StandardSchemaWithJSON<In, Out> {
  const { "~standard": standard } = schema;
  const lean = (key: string, value: unknown): unknown => SILENT.includes(key) ? undefined : value;
  return {
    "~standard": {
      ...standard,
      jsonSchema: {
        ...standard.jsonSchema,
        input: (options) => JSON.parse(JSON.stringify(standard.jsonSchema.input(options), lean)),
      },
    },
  };
}

/**
 * The line of JSON that a worker writes to stderr if it fails before it begins.
 *
 * @module
 */
import * as z from "zod";
import { parseObject } from "../agents/stream_value.ts";
import { type Action, PLAIN_VERBS, SESSION_VERBS } from "../text/action.ts";

/** The fields of a `SamocodeError`. */
export interface WorkerFailure {
  readonly message: string;
  readonly hint: string;
  readonly actions: readonly Action[];
}

/** Reads the line; `undefined` if it is not valid. */
export function readFailure(line: string): WorkerFailure | undefined {
  return failureSchema.safeParse(parseObject(line)).data;
}

const actionSchema = z.union([
  z.object({ verb: z.enum(SESSION_VERBS), session: z.string() }),
  z.object({ verb: z.literal("approve"), session: z.string(), sha256: z.string().optional() }),
  z.object({ verb: z.literal("raise_budget"), session: z.string() }),
  z.object({
    verb: z.literal("finish"),
    session: z.string(),
    way: z.string().optional(),
    into: z.string().optional(),
    head: z.string().optional(),
  }),
  z.object({ verb: z.literal("review"), branch: z.string() }),
  z.object({ verb: z.literal("trust"), projectFile: z.string() }),
  z.object({ verb: z.enum(PLAIN_VERBS) }),
]);

const failureSchema = z.object({ message: z.string(), hint: z.string(), actions: z.array(actionSchema) });

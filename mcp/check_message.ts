/**
 * What a line from the client is: a message, several, or none, and what is answered then.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { type JSONRPCMessage, parseJSONRPCMessage, ProtocolErrorCode } from "@modelcontextprotocol/server";

/** A request's id. */
export type RequestId = string | number;

/** Why something is no message, and the id of the request that it was meant to be, if that is known. */
export interface Failure {
  readonly problem: string;
  readonly id?: RequestId | undefined;
  readonly code?: ProtocolErrorCode;
}

/** The value of JSON text, or a failure. */
export function readJson(text: string): { readonly value: unknown } | Failure {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: "This is no JSON", code: ProtocolErrorCode.ParseError };
  }
}

/** A message, and the line with which it is handed on. */
export interface CheckedMessage {
  readonly message: JSONRPCMessage;
  readonly line: string;
}

/** Checks that a value is a JSON-RPC message. */
export function checkMessage(value: unknown): CheckedMessage | Failure {
  try {
    const message = parseJSONRPCMessage(value);
    return { message, line: `${JSON.stringify(message)}\n` };
  } catch (error) {
    // Deno 2.4 reads a value of any depth, but writes only what its stack is large enough for.
    const problem = error instanceof RangeError ? "The message is nested too deep" : "This is no JSON-RPC 2.0 message";
    // An id without a method would be that of a question of the server: the client has others of the same number.
    const id = typeof value === "object" && value !== null && "method" in value && "id" in value ? value.id : undefined;
    return { problem, id: isId(id) ? id : undefined };
  }
}

/** The JSON of an error response. */
export function failureText({ id, problem, code = ProtocolErrorCode.InvalidRequest }: Failure): string {
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error: { code, message: problem } });
}

/** Whether a value can be a request's id. */
export function isId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}

const ID = String.raw`"id"\s*:\s*(-?\d{1,16}|"(?:[^"\\]|\\.){0,200}")\s*`;
/** At the start, behind values that are no objects: what is deeper may have an id of its own. */
const FIRST_ID = new RegExp(String.raw`^\s*\{(?:\s*"\w+"\s*:\s*"[^"\\]*"\s*,)*\s*${ID}[,}]`);
/** At the end, where the official SDKs write it: the last brace is that of the message. */
const LAST_ID = new RegExp(String.raw`[,{]\s*${ID}\}\s*$`);

/** Finds the id of a request of which only both ends are known. */
export function findId(head: Buffer, tail: Buffer): RequestId | undefined {
  const found = FIRST_ID.exec(head.toString("utf8")) ?? LAST_ID.exec(tail.toString("utf8"));
  const json = found?.[1] === undefined ? undefined : readJson(found[1]);
  return json !== undefined && "value" in json && isId(json.value) ? json.value : undefined;
}

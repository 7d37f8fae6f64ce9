/**
 * Standard input and output as the transport of the SDK needs them: by itself it leaves what is no message without an
 * answer, ends at a long line, and knows no batches.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { pipeline, type Readable, Transform, Writable } from "node:stream";
import { isJSONRPCNotification, isJSONRPCRequest } from "@modelcontextprotocol/server";
import { escapeJson } from "../src/text/json_text.ts";
import { hideSecrets } from "../src/text/known_secrets.ts";
import { Batches } from "./batches.ts";
import {
  type CheckedMessage,
  checkMessage,
  type Failure,
  failureText,
  findId,
  isId,
  readJson,
  type RequestId,
} from "./check_message.ts";
import { type Line, LineSplitter } from "./line_splitter.ts";

/** What comes from the client and what goes to it, one message a line. */
export interface Wire {
  readonly input: Readable;
  readonly output: Writable;
}

const MAX_MEBIBYTES = 10;
/** The version of the protocol that has batches. */
const BATCH_VERSION = "2025-03-26";
/** Each may have an answer. */
const MAX_BATCH = 100;

/**
 * Puts itself between a server and its client.
 *
 * @param stdout Not the one of Node: under Deno 2.4 that does not tell that nobody reads any more.
 */
export function openWire(stdin: Readable, stdout: WritableStream<Uint8Array>): Wire {
  const writer = stdout.getWriter();
  const encoder = new TextEncoder();
  const output = new Writable({
    decodeStrings: false,
    write(line: string, _, done): void {
      if (batches.takes(line)) return done();
      // Without secrets and with nothing invisible: hostile names and texts are in it.
      writer.write(encoder.encode(escapeJson(hideSecrets(line)))).then(() => done(), done);
    },
  });
  // Each message that waits to be written listens to it.
  output.setMaxListeners(0);
  const batches = new Batches((line) => output.write(line));
  const lines = new LineSplitter(MAX_MEBIBYTES * 1024 * 1024);
  let version: unknown;

  const forward = ({ message, line }: CheckedMessage): void => {
    input.push(line);
    if (isJSONRPCRequest(message) && message.method === "initialize") version = message.params?.["protocolVersion"];
    if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return;
    const id = message.params?.["requestId"];
    if (isId(id)) batches.cancel(id);
  };
  const takeBatch = (values: readonly unknown[]): Failure | undefined => {
    const problem = problemOf(values, version);
    if (problem !== undefined) return { problem };
    const ids = new Set<RequestId>();
    const read = values.map((value) => checkInBatch(value, ids));
    batches.begin(ids, read.flatMap((each) => "problem" in each ? failureText(each) : []));
    for (const each of read) if (!("problem" in each)) forward(each);
    return undefined;
  };
  const take = ({ bytes, tail }: Line): Failure | undefined => {
    if (tail !== undefined) return { problem: `The message is over ${MAX_MEBIBYTES} MiB`, id: findId(bytes, tail) };
    const text = bytes.toString("utf8");
    if (text.trim() === "") return undefined;
    const json = readJson(text);
    if ("problem" in json) return json;
    if (Array.isArray(json.value)) return takeBatch(json.value);
    const checked = checkMessage(json.value);
    if ("problem" in checked) return checked;
    forward(checked);
    return undefined;
  };

  const input = new Transform({
    transform(chunk: Buffer, _, done): void {
      for (const line of lines.add(chunk)) {
        const failure = take(line);
        if (failure !== undefined) output.write(`${failureText(failure)}\n`);
      }
      // A client that does not read is not read either: its answers would pile up.
      if (output.writableNeedDrain) output.once("drain", done);
      else done();
    },
  });
  pipeline(stdin, input, () => {});
  return { input, output };
}

function checkInBatch(value: unknown, ids: Set<RequestId>): CheckedMessage | Failure {
  const checked = checkMessage(value);
  if ("problem" in checked || !isJSONRPCRequest(checked.message)) return checked;
  const { id, method } = checked.message;
  if (ids.has(id)) return { problem: "Two requests of the batch have the same id" };
  if (method === "initialize") return { problem: "initialize cannot be part of a batch", id };
  ids.add(id);
  return checked;
}

function problemOf(values: readonly unknown[], version: unknown): string | undefined {
  if (version !== BATCH_VERSION) return `Batches are part of protocol ${BATCH_VERSION} only`;
  if (values.length === 0) return "The batch is empty";
  return values.length > MAX_BATCH ? `The batch has over ${MAX_BATCH} messages` : undefined;
}

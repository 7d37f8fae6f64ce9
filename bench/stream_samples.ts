/**
 * What an agent may write, in files that are written out again and again.
 *
 * @module
 */
import { basename, join } from "node:path";

/** A kind of output. */
export interface Sample {
  readonly name: string;
  /** The file that holds it, of about {@linkcode SAMPLE_BYTES}. */
  readonly path: string;
  readonly bytes: number;
}

/** Large enough that a program started once for each copies of it costs nothing. */
const SAMPLE_BYTES = 50_000_000;

/** Writes one file for each kind into `folder`. */
export function writeSamples(
  { folder, recordings, quick }: { readonly folder: string; readonly recordings: string; readonly quick: boolean },
): readonly Sample[] {
  Deno.mkdirSync(folder, { recursive: true });
  const recorded = recordedText(recordings);
  const kinds = {
    "lines of 1 MB": json({ type: "user", message: { content: [toolResult("a line of output\n".repeat(58_000))] } }),
    "one endless line": "an agent that never ends its line ",
    "lines of 100 bytes, news for nobody": json({ type: "stream_event", event: delta("wordwordwordwo") }),
    "lines of 100 bytes, all of them news": json({
      type: "assistant",
      message: { id: "msg_01", content: [said("ok, next")] },
    }),
    ...(recorded === undefined
      ? { "lines like Claude's": MADE_UP.map(json).join("") }
      : { "recorded lines": recorded }),
  };
  const bytes = quick ? SAMPLE_BYTES / 50 : SAMPLE_BYTES;
  return Object.entries(kinds).map(([name, text]) => {
    const path = join(folder, name.replaceAll(/\W+/g, "-"));
    return { name, path, bytes: fill(path, { text, bytes }) };
  });
}

/** Writes a text again and again, whole each time; returns how many bytes that were. */
function fill(path: string, { text, bytes }: { readonly text: string; readonly bytes: number }): number {
  const block = new TextEncoder().encode(text.repeat(Math.ceil(Math.min(bytes, 1_000_000) / text.length)));
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  let written = 0;
  while (written < bytes) written += file.writeSync(block);
  return written;
}

/** What was recorded of the real client, where the recordings lie in this checkout. */
function recordedText(folder: string): string | undefined {
  try {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const streams = names.filter((name) => /^claude.*\.jsonl$/.test(basename(name)));
    return streams.length === 0 ? undefined : streams.map((name) => Deno.readTextFileSync(join(folder, name))).join("");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function json(value: unknown): string {
  return JSON.stringify(value) + "\n";
}

function toolResult(content: string): unknown {
  return { type: "tool_result", tool_use_id: "toolu_01", content };
}

function delta(text: string): unknown {
  return { type: "content_block_delta", index: 0, delta: { text } };
}

function said(text: string): unknown {
  return { type: "text", text };
}

const IDS = { session_id: "00000000-0000-4000-8000-000000000000", uuid: "00000000-0000-4000-8000-000000000001" };
const CALL = { type: "message", role: "assistant", model: "some-model", stop_reason: null, usage: { input_tokens: 9 } };

/** The kinds and lengths of lines that real runs were seen to be made of. */
const MADE_UP: readonly unknown[] = [
  { type: "system", subtype: "init", tools: ["Read", "Write", "Bash"], agents: "an-agent ".repeat(200), ...IDS },
  ...Array.from({ length: 6 }, (_, call) => [
    { type: "system", subtype: "thinking_tokens", estimated_tokens: 4, ...IDS },
    {
      type: "assistant",
      message: { ...CALL, id: `msg_${call}`, content: [said("Next I read the file. ".repeat(20))] },
      ...IDS,
    },
    {
      type: "assistant",
      message: {
        ...CALL,
        id: `msg_${call}`,
        content: [{ type: "tool_use", id: "toolu_01", name: "Bash", input: { command: "ls" } }],
      },
      ...IDS,
    },
    { type: "user", message: { role: "user", content: [toolResult("a line of output\n".repeat(20))] }, ...IDS },
  ]).flat(),
  { type: "result", subtype: "success", is_error: false, result: "done", total_cost_usd: 0.1, modelUsage: {}, ...IDS },
];

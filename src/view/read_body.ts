/**
 * Reads what a browser posts: JSON, bounded in size and time.
 *
 * @module
 */
import { failure } from "./answers.ts";

/** Answers to all questions and a long feedback are far below it. */
const MAX_BYTES = 1024 * 1024;

/** A phone on a bad line takes seconds. */
const WITHIN_MS = 15_000;

/** Reads it, or answers why not. */
export async function readBody(request: Request): Promise<{ readonly value: unknown } | Response> {
  const reader = request.body?.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), WITHIN_MS);
  try {
    let [text, bytes] = ["", 0];
    for (;;) {
      const read = await Promise.race([reader?.read(), late.promise]);
      if (read === "late") return failure(408, { error: "The request took too long", hint: "Try again" });
      if (read?.value === undefined) break;
      bytes += read.value.length;
      if (bytes > MAX_BYTES) return failure(413, { error: "That is too long", hint: "Shorten it to under 1 MB" });
      text += decoder.decode(read.value, { stream: true });
    }
    return { value: JSON.parse(text + decoder.decode()) };
  } catch {
    return failure(400, { error: "The request is no JSON", hint: "Load the page again" });
  } finally {
    clearTimeout(timer);
    reader?.cancel().catch(() => {});
  }
}

/**
 * Reads lines from a stream that lasts for days.
 *
 * @module
 */

/** ntfy's lines are far shorter; longer ones are skipped. */
const MAX_LINE = 65_536;

/**
 * Yields the lines of a stream as they arrive.
 *
 * @param options `giveUp` is called after `silenceMs` without data and must end the stream; time that the caller spends
 * on a line does not count.
 */
export async function* linesOf(
  stream: ReadableStream<BufferSource>,
  { silenceMs, giveUp }: { readonly silenceMs: number; readonly giveUp: () => void },
): AsyncGenerator<string> {
  let rest = "";
  let isTooLong = false;
  const chunks = stream.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  try {
    while (true) {
      const timer = setTimeout(giveUp, silenceMs);
      const { done, value = "" } = await chunks.next().finally(() => clearTimeout(timer));
      if (done) return;
      const [first = "", ...lines] = value.split("\n");
      for (const line of lines.length === 0 ? [] : [rest + first, ...lines.slice(0, -1)]) {
        if (!isTooLong) yield line;
        isTooLong = false;
      }
      rest = lines.at(-1) ?? rest + first;
      if (rest.length <= MAX_LINE) continue;
      isTooLong = true;
      rest = "";
    }
  } finally {
    await chunks.return?.();
  }
}

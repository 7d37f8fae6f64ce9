/**
 * The lines of a stream that goes on for days.
 *
 * @module
 */

/** A line is far shorter; what is longer is left out. */
const MAX_LINE = 65_536;

/**
 * The lines of a stream, as they come.
 *
 * @param options `giveUp` is called, and has to end the stream, once nothing has come for `silenceMs`; the time that the
 * caller takes for a line does not count.
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

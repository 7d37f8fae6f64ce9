import assert from "node:assert/strict";
import { Output } from "../../src/system/output.ts";

/** A reader that takes a piece each time it is asked to. */
class Reader {
  readonly taken: string[] = [];
  readonly #waiting: (() => void)[] = [];
  failure: Error | undefined;

  readonly stream = {
    write: async (bytes: Uint8Array): Promise<number> => {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return this.stream.writeSync(bytes);
    },
    writeSync: (bytes: Uint8Array): number => {
      if (this.failure !== undefined) throw this.failure;
      this.taken.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };

  get text(): string {
    return this.taken.join("");
  }

  read(): void {
    this.#waiting.shift()?.();
  }
}

Deno.test("Output.offer() never waits, and keeps the order of what is written meanwhile", async () => {
  const reader = new Reader();
  const output = new Output(reader.stream);
  output.write("one ");
  output.offer("two ");
  output.offer("three ");
  output.write("four");
  assert.deepEqual([reader.text, output.pending], ["one ", 14]);
  const flushed = output.flushed();
  while (output.pending > 0) {
    reader.read();
    await new Promise((wake) => setTimeout(wake, 0));
  }
  await flushed;
  output.write("!");
  assert.deepEqual([reader.text, output.pending], ["one two three four!", 0]);
});

Deno.test("Output.flushed() gives up on a stalled reader, and waits for it only once", async () => {
  const output = new Output(new Reader().stream);
  output.offer("unread");
  const begun = performance.now();
  await output.flushed();
  const waited = performance.now() - begun;
  assert.ok(waited >= 1900 && waited < 9000, `${waited} ms`);
  await output.flushed();
  assert.ok(performance.now() - begun - waited < 1000);
  assert.equal(output.pending, 6);
});

Deno.test("Output.offer() keeps a bounded amount for a stalled reader", () => {
  const output = new Output(new Reader().stream);
  for (let count = 0; count < 3000; count++) output.offer("x".repeat(1024));
  assert.equal(output.pending, 1024 * 1024);
});

Deno.test("Output ends silently if the reader goes away, and reports any other failure once", async () => {
  for (
    const [failure, told] of [[new Deno.errors.BrokenPipe("gone"), false], [new Error("disk full"), true]] as const
  ) {
    const reader = new Reader();
    reader.failure = failure;
    const output = new Output(reader.stream);
    output.offer("unread");
    reader.read();
    await output.flushed();
    if (told) assert.throws(() => output.offer("more"), failure);
    output.offer("more");
    output.write("more");
    assert.deepEqual([reader.text, output.pending], ["", 0]);
  }
});

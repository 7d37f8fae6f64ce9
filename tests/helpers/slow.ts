/**
 * Tests that take longer than all others: a run of everything leaves them out and names them, unless
 * `SAMOCODE_TEST_SLOW=1` asks for them. A run of their file or folder has them.
 *
 * @module
 */

const IS_LEFT_OUT = Deno.env.get("SAMOCODE_TEST_SLOW") === "0";

/** Marks a test as slow. */
export function slow({ name, ignore = false, ...rest }: Deno.TestDefinition): Deno.TestDefinition {
  const isSkipped = IS_LEFT_OUT && !ignore;
  return {
    ...rest,
    name: isSkipped ? `${name} (skipped: slow; set SAMOCODE_TEST_SLOW=1)` : name,
    ignore: ignore || IS_LEFT_OUT,
  };
}

/** Registers a slow test. */
export function slowTest(name: string, fn: Deno.TestDefinition["fn"]): void {
  Deno.test(slow({ name, fn }));
}

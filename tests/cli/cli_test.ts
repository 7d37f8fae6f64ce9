import assert from "node:assert/strict";
import { CommandLine } from "./command_line.ts";

Deno.test("cli() tells a failure of the system without a stack, and calls anything else a bug", async () => {
  using line = new CommandLine();
  const fail = (message: string) =>
    line.type(["--version"], {
      onWrite: () => {
        throw new Error(message);
      },
    });
  const failing = await fail("Input/output error (os error 5): lstat '/sessions/\u001b[31m_lock'");
  assert.equal(failing.code, 1);
  assert.equal(
    failing.error,
    "samocode: Input/output error (os error 5): lstat '/sessions/_lock'\n" +
      "  Check the disk and its permissions, then type the same again; what was recorded before is safe\n",
  );
  assert.match(
    (await fail("x is undefined")).error,
    /^samocode: x is undefined\n {2}This is a bug in samocode; .*\n.*\n +at /,
  );
});

import assert from "node:assert/strict";
import { secretValues } from "../../src/settings/secret_values.ts";
import { Redactor } from "../../src/text/redact.ts";

Deno.test("secretValues() leaves out a password that protects nothing, so that what is named like it stays readable", () => {
  const status = JSON.stringify({ session: "postgres-17", task: "Add a password field", costUsd: 0.30000000000000004 });
  for (const password of ["postgres", "Password", "12345678", "00000000"]) {
    const values = secretValues({ PGPASSWORD: ` ${password} `, NPM_TOKEN: "npm_0123456789" });
    assert.deepEqual(values, ["npm_0123456789"]);
    assert.equal(new Redactor(values).text(status), status);
  }
});

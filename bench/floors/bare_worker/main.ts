/**
 * The floor of a worker: a program of the same kind that starts the same agent as often, waits for it and keeps what it
 * prints. `main.ts AGENT FOLDER VISITS`.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

const [agent = "", folder = ".", visits = "1"] = Deno.args;

for (let visit = 1; visit <= Number(visits); visit++) {
  const output = openSync(join(folder, `log-${visit}`), "a");
  const child = spawn(agent, [], {
    env: { ...Deno.env.toObject(), SAMOCODE_SIGNAL: join(folder, "signal") },
    stdio: ["ignore", output, "ignore"],
    detached: true,
  });
  await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  closeSync(output);
}

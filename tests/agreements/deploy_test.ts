/**
 * The examples in `deploy/` agree with the program and with each other, and are what their readers take.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { SETTINGS } from "../../src/settings/settings_table.ts";
import { CLIENT_PINS } from "../../tools/client_pins.ts";
import { COMMANDS } from "../helpers/all_commands.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const UNIT = textOf("systemd/samocode-worker.service");
const CONTAINER = textOf("container/Containerfile");
const JOB = textOf("kubernetes/worker-job.yaml");
const BATCH = textOf("slurm/worker.sbatch");

Deno.test("deploy/ gives a worker only flags that it has", () => {
  const worker = COMMANDS.find(({ name }) => name === "worker");
  assert.ok(worker !== undefined, "the command is there");
  // Of what podman is given, only what follows the image is the worker's.
  const calls = [UNIT, CONTAINER, JOB, BATCH].flatMap((text) =>
    text.match(/(?<=samocode worker |run .* samocode-worker |WORKER_FLAGS=|args: ).*/g) ?? []
  );
  const flags = calls.flatMap((call) => call.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []);
  assert.deepEqual([...new Set(flags)].sort(), ["--name", "--slots", "--until-idle"]);
  assert.deepEqual(flags.filter((flag) => !Object.hasOwn(worker.flags, flag.slice(2))), []);
});

Deno.test("deploy/ sets and names only settings that there are", () => {
  const named = [UNIT, CONTAINER, JOB, BATCH].flatMap((text) =>
    text.match(/\b(?:SAMOCODE|CLAUDE|CODEX)_[A-Z_]+/g) ?? []
  );
  assert.ok(named.length >= 6, "they name some");
  assert.deepEqual(named.filter((name) => !SETTINGS.has(name)), []);
});

Deno.test("deploy/ leaves a worker the same time to hand over, more than an iteration may take", () => {
  const seconds = {
    systemd: 60 * numberIn(UNIT, /^TimeoutStopSec=(\d+)min$/m),
    podman: numberIn(CONTAINER, /--stop-timeout (\d+)/),
    kubernetes: numberIn(JOB, /^ +terminationGracePeriodSeconds: (\d+)$/m),
    slurm: numberIn(BATCH, /^#SBATCH --signal=B:TERM@(\d+)$/m),
  };
  const limits = ["CLAUDE_TIMEOUT", "CODEX_TIMEOUT"].map((name) => Number(SETTINGS.get(name)?.default));
  assert.deepEqual(seconds, { systemd: 2100, podman: 2100, kubernetes: 2100, slurm: 2100 });
  assert.ok(limits.every((limit) => limit + 120 <= 2100), `iterations may take ${limits} s`);
});

Deno.test("deploy/container installs the agents that samocode is tested with", () => {
  const [, agents] = /^ARG AGENTS="(.*)"$/m.exec(CONTAINER) ?? [];
  const { claude, codex } = CLIENT_PINS;
  assert.equal(agents, [claude, codex].map((pin) => `${pin.package}@${pin.version}`).join(" "));
});

Deno.test({
  name: nameOf("deploy/slurm passes shellcheck", "shellcheck"),
  ignore: !has("shellcheck"),
  fn: () => assert.equal(outputOf("shellcheck", [pathOf("slurm/worker.sbatch")]), ""),
});

Deno.test({
  name: nameOf("deploy/systemd passes systemd-analyze verify", "systemd-analyze"),
  ignore: !has("systemd-analyze"),
  fn(): void {
    using folder = new TempFolder();
    // It looks for the program, which is installed nowhere here.
    const path = folder.file("samocode-worker.service", UNIT.replace("/usr/local/bin/samocode", "/bin/true"));
    assert.equal(outputOf("systemd-analyze", ["verify", path]), "");
  },
});

const READ_YAML = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
const HAS_YAML = has("/usr/bin/python3", ["-c", "import yaml"]);

Deno.test({
  name: `deploy/kubernetes is a Job whose secrets come from Secrets${HAS_YAML ? "" : " (skipped: no python3-yaml)"}`,
  ignore: !HAS_YAML,
  fn(): void {
    const job = JSON.parse(outputOf("/usr/bin/python3", ["-c", READ_YAML, pathOf("kubernetes/worker-job.yaml")]));
    const { containers: [worker], restartPolicy, automountServiceAccountToken } = job.spec.template.spec;
    assert.deepEqual(
      [job.apiVersion, job.kind, job.spec.completions, restartPolicy, automountServiceAccountToken],
      ["batch/v1", "Job", undefined, "Never", false],
    );
    const secret = worker.env.filter(({ valueFrom }: { valueFrom?: object }) =>
      valueFrom !== undefined && "secretKeyRef" in valueFrom
    );
    assert.deepEqual(secret.map(({ name }: { name: string }) => name), ["SAMOCODE_FLEET", "ANTHROPIC_API_KEY"]);
  },
});

function pathOf(name: string): string {
  return join(ROOT, "deploy", name);
}

function textOf(name: string): string {
  return Deno.readTextFileSync(pathOf(name));
}

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1]);
}

function nameOf(name: string, tool: string): string {
  return `${name}${has(tool) ? "" : ` (skipped: ${tool} not found)`}`;
}

function has(program: string, args: readonly string[] = ["--version"]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Everything that a program prints. */
function outputOf(program: string, args: readonly string[]): string {
  const { stdout, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/**
 * Finds the real agent CLIs and the scripted model for the end-to-end tests, which are skipped, and say so, without them.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import {
  clientFolder,
  type ClientName,
  clientProgram,
  clientsFolder,
  type Environment,
} from "../../tools/client_pins.ts";
import { skippedForClient } from "../../tools/skipped_test.ts";

/** What an end-to-end test is given. */
export interface FoundClient {
  /** The agent CLI's program. */
  readonly path: string;
  /** The module of the scripted model, to be imported. */
  readonly fakeModel: string;
}

/** Where to look; the real machine by default. */
export interface FindOptions {
  readonly env?: Environment;
  /** The root of the checkout. */
  readonly root?: string;
}

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** The variables that name a program to be tested instead of the pinned one. */
const OVERRIDES = { claude: "SAMOCODE_TEST_CLAUDE", codex: "SAMOCODE_TEST_CODEX" } as const;

/**
 * Finds an agent CLI: the one named in the environment, else the pinned one in the machine's cache, else the one on PATH.
 * What the environment names is never replaced by another: nobody must think he tested what he named.
 */
export function findClient(name: ClientName, { env = Deno.env.toObject() }: FindOptions = {}): string | undefined {
  const override = env[OVERRIDES[name]];
  if (override) return fileOrNothing(override);
  const clients = clientsFolder(env);
  const pinned = clients && fileOrNothing(clientProgram(name, clientFolder(name, clients)));
  return pinned || findOnPath(name, env["PATH"] ?? "");
}

/** Finds the scripted model's module: `SAMOCODE_FAKE_MODEL`, else the one that lies beside the checkout. */
export function findFakeModel({ env = Deno.env.toObject(), root = ROOT }: FindOptions = {}): string | undefined {
  return fileOrNothing(env["SAMOCODE_FAKE_MODEL"] || join(root, "..", "shared", "fake-model", "fake-model.mjs"));
}

/**
 * Registers a test that drives a real agent CLI against the scripted model. Where one of them is missing, the test is
 * registered as ignored, and its name says what is missing.
 */
export function clientTest(
  name: string,
  client: ClientName,
  run: (found: FoundClient, test: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(clientTestDefinition(name, client, { run }));
}

/** What {@linkcode clientTest} registers. */
export function clientTestDefinition(
  name: string,
  client: ClientName,
  { run, ...where }: FindOptions & { readonly run: (found: FoundClient, test: Deno.TestContext) => Promise<void> },
): Deno.TestDefinition {
  const path = findClient(client, where);
  const fakeModel = findFakeModel(where);
  if (path !== undefined && fakeModel !== undefined) return { name, fn: (test) => run({ path, fakeModel }, test) };
  const lacking = path === undefined ? client : "scripted model";
  return { name: skippedForClient(name, lacking), ignore: true, fn: () => {} };
}

function findOnPath(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => fileOrNothing(join(folder, name))).find((found) => found !== undefined);
}

function fileOrNothing(path: string): string | undefined {
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

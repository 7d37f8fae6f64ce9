/**
 * Finds the real agent CLIs, the scripted model and the checkers of MCP servers for the end-to-end tests, which are
 * skipped, and say so, without them.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import {
  type AgentName,
  type CheckerName,
  clientCommand,
  clientFolder,
  clientProgram,
  clientsFolder,
  type Environment,
} from "../../tools/client_pins.ts";
import { skippedForClient } from "../../tools/skipped_test.ts";
import { slow } from "./slow.ts";

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
export function findClient(name: AgentName, { env = Deno.env.toObject() }: FindOptions = {}): string | undefined {
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
  client: AgentName,
  run: (found: FoundClient, test: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(clientTestDefinition(name, client, { run }));
}

/** The same for a slow one. */
export function slowClientTest(...[name, client, run]: Parameters<typeof clientTest>): void {
  Deno.test(slow(clientTestDefinition(name, client, { run })));
}

/** What {@linkcode clientTest} registers. */
export function clientTestDefinition(
  name: string,
  client: AgentName,
  { run, ...where }: FindOptions & { readonly run: (found: FoundClient, test: Deno.TestContext) => Promise<void> },
): Deno.TestDefinition {
  const path = findClient(client, where);
  const fakeModel = findFakeModel(where);
  if (path !== undefined && fakeModel !== undefined) return { name, fn: (test) => run({ path, fakeModel }, test) };
  const lacking = path === undefined ? client : "scripted model";
  return { name: skippedForClient(name, lacking), ignore: true, fn: () => {} };
}

/** How a checker of MCP servers is called: a program and its first arguments. Only the pinned one is taken. */
export function findChecker(
  name: CheckerName,
  { env = Deno.env.toObject() }: FindOptions = {},
): readonly [string, ...string[]] | undefined {
  const clients = clientsFolder(env);
  if (clients === undefined) return undefined;
  const command = clientCommand(name, { folder: clientFolder(name, clients), clients });
  return command.every((file) => fileOrNothing(file) !== undefined) ? command : undefined;
}

/** Registers a slow test that runs a checker of MCP servers, or an ignored one whose name says that it is missing. */
export function checkerTest(
  name: string,
  checker: CheckerName,
  run: (command: readonly [string, ...string[]]) => Promise<void>,
): void {
  Deno.test(slow(checkerTestDefinition(name, checker, { run })));
}

/** What {@linkcode checkerTest} registers. */
export function checkerTestDefinition(
  name: string,
  checker: CheckerName,
  { run, ...where }: FindOptions & { readonly run: (command: readonly [string, ...string[]]) => Promise<void> },
): Deno.TestDefinition {
  const command = findChecker(checker, where);
  if (command !== undefined) return { name, fn: () => run(command) };
  return { name: skippedForClient(name, checker), ignore: true, fn: () => {} };
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

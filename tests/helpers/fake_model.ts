/**
 * The scripted model that the real clients talk to in the end-to-end tests.
 *
 * @module
 */
import { join } from "node:path";

/** A request of a client, as the model saw it. */
export interface ModelRequest {
  readonly path: string;
  /** The scenario's rule that answered; `null` where none did. */
  readonly rule?: string | null;
  /** The tool that the client ran last, what came of it, and whether it failed. */
  readonly lastTool?: string;
  readonly toolResult?: string;
  readonly toolError?: boolean;
}

/** A running model. */
export interface FakeModel extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ModelRequest[];
}

interface FakeModelModule {
  startFakeModel(
    options: { scenario: unknown; port: number; bodies: string | undefined },
  ): Promise<Omit<FakeModel, keyof AsyncDisposable> & { close(): Promise<void> }>;
}

const SCENARIOS = join(import.meta.dirname ?? ".", "..", "fixtures", "scenarios");

/**
 * Starts the scripted model with a scenario: the name of a file in `tests/fixtures/scenarios`, or the scenario itself.
 *
 * @param options.bodies A folder for all requests as they came, each before it is answered.
 */
export async function startFakeModel(
  modulePath: string,
  scenario: string | object,
  { port = 0, bodies }: { readonly port?: number; readonly bodies?: string } = {},
): Promise<FakeModel> {
  const { startFakeModel: start }: FakeModelModule = await import(new URL(`file://${modulePath}`).href);
  const read = typeof scenario === "string"
    ? JSON.parse(Deno.readTextFileSync(join(SCENARIOS, `${scenario}.json`)))
    : scenario;
  const model = await start({ scenario: read, port, bodies });
  return {
    url: model.url,
    get requests() {
      return model.requests;
    },
    [Symbol.asyncDispose]: () => model.close(),
  };
}

/** The environment in which the real `claude` talks to the scripted model, and to nobody else. */
export function claudeEnvironment(path: string, model: { readonly url: string }): Readonly<Record<string, string>> {
  return {
    CLAUDE_PATH: path,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: "fake",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  };
}

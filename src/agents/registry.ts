/**
 * The table of providers: to add one is to add a file and a row.
 *
 * @module
 */
import { claudeClient, type ClaudeSettings } from "./claude/client.ts";
import { cliProvider } from "./engine.ts";
import { codexClient, type CodexSettings } from "./codex/client.ts";
import { demoClient } from "./demo/demo.ts";
import type { Provider } from "./provider.ts";

/** All that providers can be made of. */
export interface ProviderContext {
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  /** The person's environment, scrubbed for agents. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly stallMs: number;
  readonly demoPace: number;
  readonly claude: ClaudeSettings;
  readonly codex: CodexSettings;
}

/** Makes a provider. */
export type CreateProvider = (context: ProviderContext) => Provider;

/** All providers, by the name that settings use. */
export const PROVIDERS = {
  claude: (context) => cliProvider(claudeClient(context.claude), context),
  codex: (context) => cliProvider(codexClient(context.codex), context),
  demo: (context) => cliProvider(demoClient({ self: context.self, pace: context.demoPace }), context),
} as const satisfies Readonly<Record<string, CreateProvider>>;

/** The name of a provider. */
export type ProviderName = keyof typeof PROVIDERS;

/** Tells whether a name is one of a provider. */
export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name);
}

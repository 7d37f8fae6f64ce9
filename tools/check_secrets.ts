/**
 * Fails where an agent would see a secret that is not its own, a setting of a channel, or one of samocode: a part of
 * `deno task check`. A setting counts as a secret by its kind, and by a name that says so.
 *
 * @module
 */
import { AGENT_NAMES, AGENTS } from "../src/agents/agents.ts";
import { CHANNELS } from "../src/channels/channels.ts";
import { agentEnvironment } from "../src/settings/agent_environment.ts";
import { SETTING_NAMES, SETTINGS } from "../src/settings/settings_table.ts";

const SOUNDS_SECRET = /TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIAL|(?:^|_)KEY(?:_|$)/;

/** What each agent would see of an environment with every setting. */
function leaks(): readonly string[] {
  const env = Object.fromEntries([...SETTING_NAMES].map((name) => [name, "x"]));
  const ofChannels = new Set(Object.values(CHANNELS).flatMap(namesIn));
  return AGENT_NAMES.flatMap((agent) => {
    const own = new Set(namesIn(AGENTS[agent]));
    const isForeign = (name: string): boolean =>
      ofChannels.has(name) || name.startsWith("SAMOCODE_") ||
      (!own.has(name) && (SETTINGS.get(name)?.kind === "secret" || SOUNDS_SECRET.test(name)));
    return Object.keys(agentEnvironment(env, agent)).filter(isForeign).map((name) => `${agent} would see ${name}`);
  });
}

function namesIn({ settings }: { readonly settings: Readonly<Record<string, { readonly name: string }>> }): string[] {
  return Object.values(settings).map(({ name }) => name);
}

const found = leaks();
for (const leak of found) console.error(`${leak}: give its row the kind "secret"`);
if (found.length > 0) Deno.exit(1);

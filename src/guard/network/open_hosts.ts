/**
 * Which hosts the agents of a run may reach: those that the person lists, and those of the agents' own models.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import type { Environment } from "../attempt.ts";
import { type HostRule, readHost, readHostList, ruleFor } from "./host_list.ts";

/** Where the model of an agent is, as far as the agent's own settings tell. */
export interface ModelHosts {
  /** The agent's name for people. */
  readonly title: string;
  /** Where the agent goes by itself: these are let through without being listed. */
  readonly usual: readonly string[];
  /** Where a person sends it instead: a host of their choosing, which they must list. */
  readonly chosen: { readonly url: string; readonly from: string } | undefined;
}

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/**
 * The hosts to let through; none where there is no list.
 *
 * @throws {SamocodeError} For a list that cannot be used, or that would cut an agent off from its model.
 */
export function openHosts(
  { network, modelHosts, env }: {
    readonly network: string;
    readonly modelHosts: () => readonly ModelHosts[];
    readonly env: Environment;
  },
): readonly HostRule[] {
  if (network === "open" || network === "off") return [];
  const listed = readHostList(network);
  const proxy = PROXIES.find((name) => env[name]);
  if (proxy !== undefined) {
    throw new SamocodeError(
      "usage",
      `Cannot limit the network to hosts: ${proxy} is set, and the guard uses no proxy`,
      {
        hint: `Unset ${proxy}, or set SAMOCODE_GUARD_NETWORK=open`,
      },
    );
  }
  const models = modelHosts();
  for (const { title, chosen } of models) {
    if (chosen !== undefined) checkListed(listed, { title, ...chosen });
  }
  const usual = models.flatMap((each) => each.chosen === undefined ? each.usual : []);
  const own = usual.flatMap((host) => readHostList(host));
  return [...listed, ...own.filter(({ text }) => !listed.some((rule) => rule.text === text))];
}

function checkListed(
  listed: readonly HostRule[],
  { title, url, from }: { readonly title: string; readonly url: string; readonly from: string },
): void {
  // The agent itself says best what is wrong with it.
  if (!URL.canParse(url)) return;
  const { hostname, protocol, port } = new URL(url);
  const place = { host: readHost(hostname) ?? "", port: Number(port || (protocol === "http:" ? 80 : 443)) };
  if (ruleFor(listed, place) !== undefined) return;
  const entry = port === "" ? hostname : `${hostname}:${port}`;
  throw new SamocodeError("usage", `Cannot limit the network to hosts: ${title} needs ${entry} (${from})`, {
    hint: `Add ${entry} to SAMOCODE_GUARD_NETWORK`,
  });
}

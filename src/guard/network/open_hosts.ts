/**
 * Which hosts the agents of a run may reach: those that the person lists, and each agent that of its own model.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import type { Environment, ModelHosts } from "../attempt.ts";
import { type HostRule, readHost, readHostList, ruleFor } from "./host_list.ts";

/** An agent's, with its name for people. */
export interface NamedModelHosts extends ModelHosts {
  readonly title: string;
}

const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/**
 * The hosts that the person lists; none where there is no list.
 *
 * @throws {SamocodeError} For a list that cannot be used, or that would cut an agent off from its model.
 */
export function openHosts(
  { network, modelHosts, env }: {
    readonly network: string;
    readonly modelHosts: () => readonly NamedModelHosts[];
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
  for (const { title, chosen } of modelHosts()) {
    if (chosen !== undefined) checkListed(listed, { title, ...chosen });
  }
  return listed;
}

/** The hosts of one attempt: those that are listed, and those of its agent's own model. */
export function hostsFor(listed: readonly HostRule[], { usual, chosen }: ModelHosts): readonly HostRule[] {
  return chosen === undefined ? [...listed, ...usual.flatMap(readHostList)] : listed;
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

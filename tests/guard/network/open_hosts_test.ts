import assert from "node:assert/strict";
import { readHostList } from "../../../src/guard/network/host_list.ts";
import { hostsFor, type NamedModelHosts, openHosts } from "../../../src/guard/network/open_hosts.ts";

const USUAL: NamedModelHosts = { title: "Agent", usual: ["api.agent.com"], chosen: undefined };

function textsOf(network: string, models: readonly NamedModelHosts[]): readonly string[] {
  return openHosts({ network, modelHosts: () => models, env: {} }).map(({ text }) => text);
}

Deno.test("openHosts() reads a list, and hostsFor() adds where the attempt's own agent goes by itself", () => {
  assert.deepEqual(textsOf("a.org", [USUAL]), ["a.org"]);
  const listed = readHostList("a.org");
  assert.deepEqual(hostsFor(listed, USUAL).map(({ text }) => text), ["a.org", "api.agent.com"]);
  assert.deepEqual(hostsFor(listed, { ...USUAL, chosen: { url: "https://a.org", from: "X" } }), listed);
  assert.deepEqual(textsOf("open", [USUAL]), []);
  assert.deepEqual(textsOf("off", [USUAL]), []);
});

Deno.test("openHosts() wants the service that a person chose to be listed", () => {
  const chosen = (url: string): NamedModelHosts => ({ ...USUAL, chosen: { url, from: "AGENT_URL" } });
  assert.deepEqual(textsOf("127.0.0.1:9000", [chosen("http://127.0.0.1:9000/v1")]), ["127.0.0.1:9000"]);
  assert.deepEqual(textsOf("*.corp.org", [chosen("https://llm.corp.org")]), ["*.corp.org"]);
  const cases: readonly (readonly [url: string, entry: string])[] = [
    ["https://llm.corp.org/v1", "llm.corp.org"],
    ["http://127.0.0.1:9000", "127.0.0.1:9000"],
    ["https://a.org:8443", "a.org:8443"],
  ];
  for (const [url, entry] of cases) {
    assert.throws(() => textsOf("a.org", [chosen(url)]), {
      message: `Cannot limit the network to hosts: Agent needs ${entry} (AGENT_URL)`,
      hint: `Add ${entry} to SAMOCODE_GUARD_NETWORK`,
    });
  }
});

Deno.test("openHosts() refuses to work behind a proxy", () => {
  const env = { https_proxy: "http://proxy.corp.org:3128" };
  assert.throws(() => openHosts({ network: "a.org", modelHosts: () => [], env }), {
    message: "Cannot limit the network to hosts: https_proxy is set, and the guard uses no proxy",
  });
  assert.deepEqual(openHosts({ network: "open", modelHosts: () => [], env }), []);
});

import assert from "node:assert/strict";
import { isLocalAddress, readHost, readHostList, ruleFor } from "../../../src/guard/network/host_list.ts";

Deno.test("readHostList() reads names, names below a name, ports and addresses", () => {
  assert.deepEqual(readHostList(" API.example.org, *.npmjs.org:8443,localhost:8080,[::1]:8081,10.0.0.7,"), [
    { text: "api.example.org", host: "api.example.org", isSuffix: false, ports: [443, 80] },
    { text: "*.npmjs.org:8443", host: "npmjs.org", isSuffix: true, ports: [8443] },
    { text: "localhost:8080", host: "localhost", isSuffix: false, ports: [8080] },
    { text: "[::1]:8081", host: "[::1]", isSuffix: false, ports: [8081] },
    { text: "10.0.0.7", host: "10.0.0.7", isSuffix: false, ports: [443, 80] },
  ]);
});

Deno.test("readHostList() refuses what cannot be meant, and names it", () => {
  const cases: readonly (readonly [text: string, why: string])[] = [
    ["a.org,*", "is not a host"],
    ["a.org,https://a.org", "is not a host"],
    ["a.org,a.org/path", "is not a host"],
    ["a.org,me@a.org", "is not a host"],
    ["a.org,a..org", "is not a host"],
    ["a.org,a.org.", "is not a host"],
    ["a.org,*a.org", "is not a host"],
    ["a.org,::1", "is not a host"],
    ["a.org,[::1", "is not a host"],
    ["a.org,bücher.org", "is not a host"],
    ["a.org,1.2.3.4.5", "is not a host"],
    ["a.org,*.10.0.0.1", "has no names below it"],
    ["a.org,*.localhost:8080", "has no names below it"],
    ["a.org,open", "has neither dot nor port"],
    ["a.org,localhost", "has neither dot nor port"],
    ["a.org,a.org:0", "has no valid port"],
    ["a.org,a.org:65536", "has no valid port"],
    ["a.org,127.0.0.1", "needs a port from 1024"],
    ["a.org,localhost:80", "needs a port from 1024"],
    ["a.org,0.0.0.0:8080", "is no single host"],
  ];
  for (const [text, why] of cases) {
    const message = `Cannot use SAMOCODE_GUARD_NETWORK: ${JSON.stringify(text.slice("a.org,".length))} ${why}`;
    assert.throws(() => readHostList(text), { message });
  }
});

Deno.test("ruleFor() wants the very host, or a name below it, and its port", () => {
  const rules = readHostList("a.org,*.b.org,c.org:8080,127.0.0.1:9000");
  const textFor = (name: string, port: number) => {
    const host = readHost(name);
    return host === undefined ? undefined : ruleFor(rules, { host, port })?.text;
  };
  const cases: readonly (readonly [name: string, port: number, rule: string | undefined])[] = [
    ["a.org", 443, "a.org"],
    ["A.ORG", 80, "a.org"],
    ["a.org", 22, undefined],
    ["x.a.org", 443, undefined],
    ["xa.org", 443, undefined],
    ["a.org.", 443, undefined],
    ["x.b.org", 443, "*.b.org"],
    ["x.y.b.org", 80, "*.b.org"],
    ["b.org", 443, undefined],
    ["xb.org", 443, undefined],
    [".b.org", 443, undefined],
    ["c.org", 8080, "c.org:8080"],
    ["c.org", 443, undefined],
    // Other spellings of the same address.
    ["0x7f.1", 9000, "127.0.0.1:9000"],
    ["2130706433", 9000, "127.0.0.1:9000"],
    ["127.0.0.2", 9000, undefined],
    ["[::ffff:127.0.0.1]", 9000, undefined],
    ["localhost", 9000, undefined],
    ["a.org\0.b.org", 443, undefined],
    ["x@a.org", 443, undefined],
    ["x/.b.org", 443, undefined],
  ];
  for (const [name, port, rule] of cases) assert.equal(textFor(name, port), rule, `${name}:${port}`);
});

Deno.test("isLocalAddress() knows this machine and its link in every notation", () => {
  const local = [
    ...["127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255"],
    ...["::1", "::", "0:0:0:0:0:0:0:1", "fe80::1", "fe80::1%eth0", "febf::1", "ff02::1"],
    ...["::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
  ];
  for (const address of local) assert.equal(isLocalAddress(address), true, address);
  for (const address of ["10.0.0.1", "192.168.1.1", "93.184.216.34", "2606:4700::1111", "fd00::1", "fec0::1"]) {
    assert.equal(isLocalAddress(address), false, address);
  }
});

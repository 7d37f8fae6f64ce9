import assert from "node:assert/strict";
import { readHostList } from "../../../src/guard/network/host_list.ts";
import { HostProxy } from "../../../src/guard/network/host_proxy.ts";

/** Only there the guard has a list of hosts. */
function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: Deno.build.os !== "linux" });
}

/** A server that answers every connection with what it read first. */
function echo(): Disposable & { readonly port: number; readonly served: () => number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let served = 0;
  void (async () => {
    for await (const connection of listener) {
      served++;
      void connection.readable.pipeTo(connection.writable).catch(() => {});
    }
  })().catch(() => {});
  return { port: listener.addr.port, served: () => served, [Symbol.dispose]: () => listener.close() };
}

/** Says something to the proxy and returns all that it answers; `more` is said after the first answer. */
async function talk(proxy: HostProxy, said: string, more = ""): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path: proxy.path });
  const buffer = new Uint8Array(65536);
  const decoder = new TextDecoder();
  await connection.write(new TextEncoder().encode(said));
  const first = await connection.read(buffer).catch(() => null);
  let heard = decoder.decode(buffer.subarray(0, first ?? 0));
  if (more !== "") await connection.write(new TextEncoder().encode(more));
  await connection.closeWrite().catch(() => {});
  for (let count = first; count !== null;) {
    count = await connection.read(buffer).catch(() => null);
    heard += decoder.decode(buffer.subarray(0, count ?? 0));
  }
  return heard;
}

linuxTest("HostProxy passes on what was listed, and bytes that came with the request", async () => {
  using server = echo();
  using proxy = new HostProxy(readHostList(`localhost:${server.port},127.0.0.1:${server.port}`));
  const connected = "HTTP/1.1 200 Connection established\r\n\r\n";
  for (const host of ["localhost", "127.0.0.1", "LOCALHOST"]) {
    assert.equal(await talk(proxy, `CONNECT ${host}:${server.port} HTTP/1.1\r\n\r\nhel`, "lo"), `${connected}hello`);
  }
  assert.equal(
    await talk(proxy, `PUT http://localhost:${server.port}/a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi`),
    `PUT /a HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`,
  );
  assert.deepEqual(proxy.refused, { hosts: [], more: 0 });
});

linuxTest("HostProxy refuses a listed name that leads to this machine or its link", async () => {
  using server = echo();
  const found: Record<string, readonly string[]> = {
    "a.test": ["127.0.0.1"],
    "b.test": ["169.254.169.254", "::1", "::ffff:127.0.0.1"],
    "c.test": [],
  };
  const resolve = (host: string) => Promise.resolve(found[host] ?? []);
  const rules = readHostList(["a.test", "b.test", "c.test"].map((host) => `${host}:${server.port}`).join(","));
  using proxy = new HostProxy(rules, { resolve });
  const status = async (host: string) =>
    (await talk(proxy, `CONNECT ${host}:${server.port} HTTP/1.1\r\n\r\n`)).split("\r\n")[0];
  assert.equal(await status("a.test"), "HTTP/1.1 403 Forbidden");
  assert.equal(await status("b.test"), "HTTP/1.1 403 Forbidden");
  assert.equal(await status("c.test"), "HTTP/1.1 502 Bad Gateway");
  assert.deepEqual(proxy.refused, { hosts: [`a.test:${server.port}`, `b.test:${server.port}`], more: 0 });
  assert.equal(server.served(), 0);
});

linuxTest("HostProxy connects to an address that was checked, not to the name again", async () => {
  using server = echo();
  let asked = 0;
  const resolve = () => Promise.resolve(asked++ === 0 ? ["192.0.2.1", "127.0.0.1"] : ["127.0.0.1"]);
  using proxy = new HostProxy(readHostList(`a.test:${server.port}`), { resolve });
  // 192.0.2.0/24 belongs to nobody. Whether it is refused or never answered, it is not this machine.
  using connection = await Deno.connect({ transport: "unix", path: proxy.path });
  await connection.write(new TextEncoder().encode(`CONNECT a.test:${server.port} HTTP/1.1\r\n\r\n`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([asked, server.served()], [1, 0]);
});

linuxTest("HostProxy names each refused host once, and only so many", async () => {
  using proxy = new HostProxy(readHostList("a.org"));
  const ask = (target: string) => talk(proxy, `CONNECT ${target} HTTP/1.1\r\n\r\n`);
  assert.match(await ask("b.org:443"), /^HTTP\/1\.1 403 .*samocode: b\.org:443 is not in SAMOCODE_GUARD_NETWORK\n$/s);
  await ask("b.org:443");
  await ask(`${"x.".repeat(100)}org:443`);
  await ask("\x1b[31m:443");
  for (let index = 0; index < 25; index++) await ask(`b.org:${index}`);
  const { hosts, more } = proxy.refused;
  assert.deepEqual(hosts.slice(0, 4), ["b.org:443", `${"x.".repeat(50)}…`, "?:443", "b.org:0"]);
  assert.deepEqual([hosts.length, more], [20, 8]);
});

linuxTest("HostProxy survives half requests, floods and more connections than it accepts", async () => {
  using server = echo();
  using proxy = new HostProxy(readHostList(`localhost:${server.port}`));
  assert.match(
    await talk(proxy, `CONNECT localhost:${server.port} HTTP/1.1\r\n${"X: y\r\n".repeat(10_000)}`),
    /^(|.*400.*)$/s,
  );
  assert.match(await talk(proxy, "\0".repeat(64 * 1024)), /^(|.*400.*)$/s);
  const before = { kb: residentKb(), files: openFiles() };
  const held: Deno.Conn[] = [];
  for (let count = 0; count < 10_000; count++) {
    try {
      const connection = await Deno.connect({ transport: "unix", path: proxy.path });
      if (held.length < 300) held.push(connection);
      else connection.close();
      await connection.write(new TextEncoder().encode("CONNECT "));
    } catch {
      // The system's queue is full.
    }
  }
  const [files, grownKb] = [openFiles() - before.files, residentKb() - before.kb];
  for (const connection of held) connection.close();
  assert.ok(files <= held.length + 200, `${files} files for ${held.length} connections`);
  assert.ok(grownKb < 64 * 1024, `${grownKb} KiB more`);
  // The system's queue takes a moment to empty.
  let answered = "";
  for (let tries = 0; tries < 100 && answered === ""; tries++) {
    answered = await talk(proxy, `CONNECT localhost:${server.port} HTTP/1.1\r\n\r\n`).catch(() => "");
    if (answered === "") await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(answered, /^HTTP\/1\.1 200 /);
});

function residentKb(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? NaN);
}

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

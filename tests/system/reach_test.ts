import assert from "node:assert/strict";
import { whyUnreachable } from "../../src/system/reach.ts";
import { SilentService } from "../helpers/silent_service.ts";

Deno.test("whyUnreachable() takes any answer, and sends neither path nor credentials", async () => {
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
    return new Response(undefined, { status: 529 });
  });
  const { port } = server.addr;
  assert.equal(await whyUnreachable(`http://me:secret@127.0.0.1:${port}/v1/deep?key=secret`), undefined);
  assert.deepEqual(asked, ["HEAD / null"]);
});

Deno.test("whyUnreachable() names the address and the reason, without credentials", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const refused = await whyUnreachable(`http://me:secret@127.0.0.1:${port}/v1`);
  assert.match(refused ?? "", /^http:\/\/127\.0\.0\.1:\d+ cannot be reached: Connection refused/);
  assert.match(await whyUnreachable("http://nowhere.invalid") ?? "", /^http:\/\/nowhere\.invalid cannot be reached: ./);
});

Deno.test("whyUnreachable() does not wait for a service that says nothing, nor for a run that ends", async () => {
  using silent = new SilentService();
  assert.equal(await whyUnreachable(silent.url, { withinMs: 50 }), `${silent.url} does not answer`);
  const abort = new AbortController();
  const asked = whyUnreachable(silent.url, { abort: abort.signal });
  abort.abort("you (Ctrl-C)");
  assert.equal(typeof await asked, "string");
});

Deno.test("whyUnreachable() finds nothing wrong with an address that it cannot ask", async () => {
  for (const address of ["", "nonsense"]) {
    assert.equal(await whyUnreachable(address), undefined, address);
  }
});

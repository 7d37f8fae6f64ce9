import assert from "node:assert/strict";
import { readRequest } from "../../../src/guard/network/proxy_request.ts";

Deno.test("readRequest() reads tunnels, and plain requests without what is meant for the proxy", () => {
  assert.deepEqual(readRequest("CONNECT A.org:443 HTTP/1.1\r\nHost: b.org"), {
    host: "a.org",
    port: 443,
    head: undefined,
  });
  assert.deepEqual(readRequest("CONNECT [::1]:8080 HTTP/1.0")?.host, "[::1]");
  const plain = [
    "POST http://a.org:8080/x?y HTTP/1.0",
    "Host: evil.org",
    "Proxy-Authorization: Basic x",
    "Connection: keep-alive",
    "Content-Length: 3",
  ];
  assert.deepEqual(readRequest(plain.join("\r\n")), {
    host: "a.org",
    port: 8080,
    head: "POST /x?y HTTP/1.1\r\nHost: a.org:8080\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
  });
  assert.match(readRequest("GET http://a.org HTTP/1.1")?.head ?? "", /^GET \/ HTTP\/1\.1\r\nHost: a\.org:80\r\n/);
  assert.match(readRequest("GET http://a.org?q HTTP/1.1")?.head ?? "", /^GET \/\?q HTTP/);
});

Deno.test("readRequest() refuses everything else", () => {
  const lines = [
    ...["", "GET / HTTP/1.1", "CONNECT a.org HTTP/1.1", "CONNECT a.org:443", "CONNECT a.org:443 HTTP/2"],
    ...["CONNECT  a.org:443 HTTP/1.1", "connect a.org:443 HTTP/1.1", "CONNECT a.org:443:443 HTTP/1.1"],
    ...["CONNECT x@a.org:443 HTTP/1.1", "CONNECT a.org:999999 HTTP/1.1", "CONNECT a.org:-1 HTTP/1.1"],
    ...["GET https://a.org/ HTTP/1.1", "GET ftp://a.org/ HTTP/1.1", "GET http://x@a.org/ HTTP/1.1"],
    ...["GET http://a.org\\@b.org/ HTTP/1.1\n\nGET", "GET http://a.org/ x HTTP/1.1"],
    ...["CONNECT a.org:443 HTTP/1.1\r\n folded: x", "CONNECT a.org:443 HTTP/1.1\r\nbad header: x"],
    ...["CONNECT a.org:443 HTTP/1.1\r\nX: a\nHost: b.org", "CONNECT a.org:443 HTTP/1.1\r\nno colon"],
  ];
  for (const line of lines) assert.equal(readRequest(line), undefined, line);
  for (const name of ["a.org%00.b.org", "a..org", "*.org", "\u00e9.org", "-".repeat(300)]) {
    assert.equal(readRequest(`CONNECT ${name}:443 HTTP/1.1`)?.host, undefined, name);
  }
});

import assert from "node:assert/strict";
import { readRepository } from "../../src/fleet/repository_url.ts";
import { SamocodeError } from "../../src/text/errors.ts";

Deno.test("readRepository() takes what git reaches without starting programs", () => {
  const good = [
    "https://github.com/team/project.git",
    "https://git@host:8443/a/b",
    "https://[::1]:8443/a",
    "ssh://git@host.example:2222/team/project.git",
    "ssh://host/~me/project",
    "git@github.com:team/project.git",
    "host:project",
    "file:///srv/git/project.git",
    "/srv/git/my project.git",
  ];
  for (const url of good) assert.equal(readRepository(url), url);
});

Deno.test("readRepository() refuses what starts programs, is an option, or has a password", () => {
  const bad = [
    "",
    "-u",
    "--upload-pack=touch /tmp/x",
    "ext::sh -c id",
    "ext::sh% -c% id",
    "fd::17",
    "foo::bar",
    "https::x",
    "transport::https://host/x",
    "ssh://-oProxyCommand=id/x",
    "ssh://-o@host/x",
    "ssh://git@-oProxyCommand=id/x",
    "-oProxyCommand=id:x",
    "git@-oProxyCommand=id:x",
    "-o@host:x",
    "host:-x",
    "http://host/x",
    "git://host/x",
    "ftp://host/x",
    "https://host",
    "https://-host/x",
    "https://host/a b",
    "https://me:secret@host/x",
    "ssh://me:secret@host/x",
    "project",
    "./project",
    "../project",
    "file://host/x",
    "/srv/a\nb",
    "/srv/a\u0000b",
    `/${"a".repeat(2_000)}`,
  ];
  for (const url of bad) assert.throws(() => readRepository(url), SamocodeError, url);
  assert.throws(() => readRepository("https://me:secret@host/x"), ({ message }: Error) => !message.includes("secret"));
});

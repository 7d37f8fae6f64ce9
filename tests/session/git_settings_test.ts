import assert from "node:assert/strict";
import { isHarmless, overridesIn, variablesFor } from "../../src/session/git_settings.ts";

/** What `git config --list --show-scope -z` prints; a value is missing where the key alone is written. */
function listing(...entries: readonly (readonly [scope: string, key: string, value?: string])[]): string {
  return entries.map(([scope, key, value]) => `${scope}\0${key}${value === undefined ? "" : `\n${value}`}\0`).join("");
}

Deno.test("overridesIn() leaves an ordinary repository as it is", () => {
  const text = listing(
    ["system", "filter.lfs.smudge", "git-lfs smudge -- %f"],
    ["global", "core.sshcommand", "ssh -i mine"],
    ["global", "core.hookspath", "~/hooks"],
    ["local", "core.bare"],
    ["local", "remote.origin.url", "ssh://host/x"],
    ["local", "filter.lfs.process", "git-lfs filter-process"],
    ["local", "filter.git-crypt.smudge", '"git-crypt" smudge --key-name=a'],
    ["local", "filter.git-crypt.required", "true"],
  );
  assert.deepEqual(overridesIn(text), { pairs: [], ignored: [], isOpen: true, hooksPath: "~/hooks" });
});

Deno.test("overridesIn() puts the user's own values in the place of the repository's, and keeps those of the environment", () => {
  const text = listing(
    ["global", "credential.helper", "store"],
    ["global", "credential.https://host.helper", "mine"],
    ["local", "credential.helper", "evil"],
    ["worktree", "core.sshcommand", "evil"],
    ["command", "safe.directory", "*"],
  );
  assert.deepEqual(overridesIn(text), {
    pairs: [
      ["safe.directory", "*"],
      ["core.sshcommand", "ssh"],
      ["credential.helper", ""],
      ["credential.helper", "store"],
      ["credential.https://host.helper", "mine"],
    ],
    ignored: ["core.sshcommand", "credential.helper"],
    isOpen: true,
    hooksPath: undefined,
  });
});

Deno.test("overridesIn() makes what a repository's own merge driver would decide a conflict, and what its own gpg would sign bad", () => {
  const text = listing(
    ["global", "merge.mine.driver", "mine"],
    ["local", "merge.mine.driver", "evil"],
    ["local", "merge.a.b.driver", "evil"],
    ["local", "gpg.program", "evil"],
    ["local", "gpg.ssh.defaultkeycommand", "evil"],
  );
  assert.deepEqual(overridesIn(text).pairs, [
    ["merge.mine.driver", "false"],
    ["merge.a.b.driver", "false"],
    ["merge.mine.driver", "mine"],
    ["gpg.program", "false"],
    ["gpg.ssh.defaultkeycommand", "false"],
  ]);
});

Deno.test("overridesIn() switches off each hook that the repository's configuration touches, as git 2.54 has them", () => {
  const text = listing(
    ["global", "hook.mine.command", "mine"],
    ["global", "hook.mine.enabled", "true"],
    ["local", "hook.mine.command", "evil"],
    ["local", "hook.a.b.event", "post-checkout"],
  );
  const { pairs, ignored } = overridesIn(text);
  assert.deepEqual(pairs, [["hook.mine.enabled", "false"], ["hook.a.b.enabled", "false"]]);
  assert.deepEqual(ignored, ["hook.mine.command", "hook.a.b.event"]);
});

Deno.test("overridesIn() requires a filter that a checkout would need, and only that, unless the user has one of that name", () => {
  const text = listing(
    ["global", "filter.known.smudge", "mine"],
    ["local", "filter.known.smudge", "evil"],
    ["local", "filter.clean.clean", "evil"],
    ["local", "filter.clean.required", "true"],
    ["local", "filter.both.clean", "evil"],
    ["local", "filter.both.smudge", "cat"],
    ["unknown", "filter.needed=x.process", "evil\nnext line"],
  );
  assert.deepEqual(overridesIn(text).pairs, [
    ["filter.known.smudge", ""],
    ["filter.known.required", "true"],
    ["filter.known.smudge", "mine"],
    ["filter.clean.clean", ""],
    ["filter.clean.required", "false"],
    ["filter.both.clean", ""],
    ["filter.both.smudge", ""],
    ["filter.both.required", "false"],
    ["filter.needed=x.process", ""],
    ["filter.needed=x.required", "true"],
  ]);
});

for (
  const key of [
    ...["alias.remote-zz", "alias.remote-zz.command", "core.gitproxy", "http.sslverify", "http.https://x/.sslcainfo"],
    ...["http.savecookies", "remote.a.b.uploadpack", "remote.origin.receivepack", "remote.origin.vcs"],
  ]
) {
  Deno.test(`overridesIn() closes the network where the repository's own configuration has ${key}`, () => {
    const foreign = overridesIn(listing(["local", key, "x"]));
    assert.deepEqual(foreign, { pairs: [], ignored: [key], isOpen: false, hooksPath: undefined });
    assert.deepEqual(variablesFor(foreign), { GIT_ALLOW_PROTOCOL: "" });
    assert.equal(overridesIn(listing(["global", key, "x"])).isOpen, true);
  });
}

for (const path of ["hooks", "./hooks", ".git/hooks", "", "../hooks"]) {
  Deno.test(`overridesIn() takes the folder of hooks ${JSON.stringify(path)} for the repository's, whoever names it`, () => {
    assert.equal(overridesIn(listing(["global", "core.hookspath", path])).hooksPath, undefined);
  });
}

Deno.test("overridesIn() lets a repository do without the user's hooks, and choose no others", () => {
  const hooksPath = (path: string) =>
    overridesIn(listing(["global", "core.hookspath", "/mine"], ["local", "core.hookspath", path])).hooksPath;
  assert.deepEqual([hooksPath("/dev/null"), hooksPath("/evil")], [undefined, "/mine"]);
});

Deno.test("variablesFor() numbers the pairs", () => {
  assert.deepEqual(variablesFor({ pairs: [["a.b", "c"], ["d.e=f.g", ""]], ignored: [], isOpen: true, hooksPath: "" }), {
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "a.b",
    GIT_CONFIG_VALUE_0: "c",
    GIT_CONFIG_KEY_1: "d.e=f.g",
    GIT_CONFIG_VALUE_1: "",
  });
});

Deno.test("isHarmless() finds every setting that overridesIn() would override, however the file is written", () => {
  const keys = [
    ...["core.sshCommand", "core.askPass", "core.alternateRefsCommand", "core.hooksPath", "core.gitProxy"],
    ...["credential.helper", "lfs.standaloneTransferAgent", "alias.remote-x", "http.sslVerify", "http.saveCookies"],
    ...["remote.origin.uploadPack", "remote.origin.vcs", "hook.x.command", "filter.x.clean", "include.path"],
  ];
  for (const key of keys) {
    const [section = "", ...rest] = key.split(".");
    const [name = "", subsection] = rest.toReversed();
    const header = subsection === undefined ? `[${section}]` : `[${section} "${subsection}"]`;
    for (
      const text of [
        `${header}\n\t${name} = evil\n`,
        `${header} ${name}=evil`,
        `[a "="] b = c\n[d "="] ${header} ${name.toUpperCase()} = evil`,
        `[a]\r\n\tb = c\r\n${header}\r\n${name}\r\n`,
        `[a]\nb = "c\\\nd" ; e\n${header}${name}`,
      ]
    ) assert.equal(isHarmless(text), false, text);
  }
});

Deno.test("isHarmless() is true of what git init, clone and a worktree write, and of any value in it", () => {
  assert.equal(
    isHarmless(
      '[core]\n\tbare = false\n[remote "origin"]\n\turl = ssh://filter/x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n' +
        '[branch "main"]\n\tremote = origin\n[user]\n\tname = "include"\n[extensions]\n\tworktreeConfig = true\n',
    ),
    true,
  );
});

import assert from "node:assert/strict";
import { examineDesktop } from "../../../src/channels/desktop/check.ts";
import { notifyCommand, openDesktop } from "../../../src/channels/desktop/open_desktop.ts";
import { ChannelError, type OpenChannel } from "../../../src/channels/open_channel.ts";
import type { Heard } from "../../../src/channels/post.ts";
import { contextWith, offersOf, samplePost } from "../../helpers/sample_post.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";
import { desktopTest } from "../../helpers/test_desktop.ts";

const { signal: never } = new AbortController();
const HOSTILE = "<b>bold</b> & \\n %s $(id) `id`";

desktopTest("openDesktop() shows a post as text, with buttons, and hears who clicks", async (desktop) => {
  await using stage = new Stage(desktop.env);
  const channel = await stage.listen();
  const offers = offersOf("Approve=now", "Später", "Third", "Fourth");
  const post = samplePost({ title: `-x ${HOSTILE}`, text: `${HOSTILE}\nsecond line`, facts: ["a", "b"], offers });
  await channel.show(post, { handle: undefined, abort: never });
  const asked = await desktop.question();
  const [told = assert.fail()] = desktop.seen;
  const shown = {
    app: "samocode",
    summary: `✋ -x ${HOSTILE}`,
    body: "a · b\n&lt;b&gt;bold&lt;/b&gt; &amp; \\n %s $(id) `id`\nsecond line\nMore choices in the terminal",
    urgency: 2,
    timeout: 0,
  };
  assert.deepEqual(told, { ...shown, id: 1, replaces: 0, actions: [], isSilent: false, pid: told.pid });
  const actions = ["0", "Approve=now", "1", "Später", "2", "Third"];
  assert.deepEqual(asked, { ...shown, id: 1, replaces: 1, actions, isSilent: true, pid: asked.pid });
  // Every process of the machine can read this.
  const argv = Deno.readTextFileSync(`/proc/${asked.pid}/cmdline`);
  assert.ok(argv.includes("Approve=now") && offers.every(({ nonce }) => !argv.includes(nonce)));

  await desktop.click(asked.id, "1");
  const heard = await stage.next();
  const said = { kind: "tap", nonce: offers[1]?.nonce };
  assert.deepEqual([heard.by, heard.said, heard.key.length], ["desktop:anna", said, 36]);
  await heard.answer("Approved <it>");
  const answer = desktop.seen.at(-1);
  assert.deepEqual([answer?.body, answer?.urgency, answer?.timeout], ["Approved &lt;it&gt;", 1, 10_000]);
});

desktopTest(
  "openDesktop() puts the next version in the place of the last one, and ends with what is settled",
  async (desktop) => {
    await using stage = new Stage(desktop.env);
    const channel = await stage.listen();
    const handle = await channel.show(samplePost(), { handle: undefined, abort: never });
    const first = await desktop.question();
    assert.equal(await channel.show(samplePost({ offers: offersOf("Go on") }), { handle, abort: never }), handle);
    const second = await desktop.question(2);
    assert.deepEqual([second.id, second.actions], [first.id, ["0", "Go on"]]);
    const settled = samplePost({ offers: [], isSettled: true, text: "Approved elsewhere" });
    await channel.show(settled, { handle, abort: never });
    const [last] = (await desktop.until((seen) => seen.length === 5)).slice(-1);
    assert.deepEqual([last?.id, last?.actions, last?.timeout, last?.body.includes("Approved elsewhere")], [
      1,
      [],
      10_000,
      true,
    ]);
    assert.equal(stage.context.memory.get(), "{}");
    // It is not there any more.
    await channel.show(settled, { handle, abort: never });
    await channel.show(samplePost({ topic: "progress" }), { handle: undefined, abort: never });
    await channel.show(samplePost({ offers: [], isSilent: true }), { handle: undefined, abort: never });
    assert.deepEqual(desktop.seen.slice(5).map(({ id, isSilent }) => [id, isSilent]), [[2, true]]);
    for (const { pid } of [first, second]) assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  },
);

desktopTest(
  "openDesktop() shows its questions again after a restart, and those that could not be heard",
  async (desktop) => {
    const stage = new Stage(desktop.env);
    await (await stage.listen()).show(samplePost(), { handle: undefined, abort: never });
    const [, { nonce } = assert.fail()] = samplePost().offers;
    await desktop.question();
    await stage[Symbol.asyncDispose]();
    await desktop.until((seen) => seen.some(({ closed }) => closed));

    await using again = new Stage(desktop.env, stage.context);
    again.failures = 1;
    await again.listen();
    await desktop.click((await desktop.question(2)).id, "0");
    assert.equal((await again.next()).said.kind, "tap");
    await desktop.click((await desktop.question(3)).id, "1");
    assert.deepEqual((await again.next()).said, { kind: "tap", nonce });
    await again.isForgotten();
    assert.deepEqual(again.context.lines, ["the disk is full"]);
  },
);

desktopTest("openDesktop() forgets what was dismissed, and shows no buttons before it listens", async (desktop) => {
  await using stage = new Stage(desktop.env);
  const channel = stage.open();
  await channel.show(samplePost(), { handle: undefined, abort: never });
  assert.equal(desktop.seen[0]?.actions.length, 0);
  await stage.listen(channel);
  await desktop.click((await desktop.question()).id);
  await stage.isForgotten();
  assert.equal(stage.heard.length, 0);
});

desktopTest("openDesktop() and its check say that there is no bus", async (desktop) => {
  const env = { ...desktop.env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" };
  const showing = openDesktop({}, contextWith(env), { os: "linux" }).show(samplePost(), {
    handle: undefined,
    abort: never,
  });
  await assert.rejects(showing, (error) => {
    assert.ok(error instanceof ChannelError);
    assert.match(error.message, /^Cannot show a notification: .*No such file or directory/);
    assert.equal(error.retryAfterMs, 0);
    return true;
  });
  const found = async (env: Readonly<Record<string, string>>) =>
    (await examineDesktop({ isOn: "on" }, { env })).map(({ level, text }) => `${level}: ${text}`);
  const buttons = "ok: notify-send shows notifications with buttons";
  assert.deepEqual(await found(desktop.env), [buttons, "ok: A session bus is available"]);
  assert.deepEqual(await found(env), [buttons, "warning: No session bus was found, so nothing is shown"]);
  assert.deepEqual(await found({ PATH: "" }), ["problem: notify-send is not installed"]);
});

Deno.test("openDesktop() only notifies if notify-send is missing or has no buttons, or agents can reach the bus", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new TempFolder();
  const channel = openDesktop({}, contextWith({ PATH: folder.path }), { os: "linux" });
  assert.match(await channel.refusal() ?? "", /^notify-send is not installed\. Install libnotify's tools/);
  await assert.rejects(channel.show(samplePost(), { handle: undefined, abort: never }), { retryAfterMs: undefined });

  const old =
    `#!/bin/sh\ncase "$1" in --help) echo "-u, --urgency=LEVEL";; *) printf '%s\\n' "$@" > "$HOME/argv";; esac\n`;
  Deno.chmodSync(folder.file("notify-send", old), 0o755);
  const env = { PATH: folder.path, HOME: folder.path };
  for (const address of ["unix:abstract=/tmp/x", "tcp:host=x;unix:guid=1,abstract=/tmp/x"]) {
    const open = openDesktop({}, contextWith({ ...env, DBUS_SESSION_BUS_ADDRESS: address }), { os: "linux" });
    assert.match(await open.refusal() ?? "", /^The desktop only notifies: its session bus is an abstract socket/);
  }
  const olden = openDesktop({}, contextWith(env), { os: "linux" });
  assert.match(await olden.refusal() ?? "", /^Notifications have no buttons here: .* 0\.8 or later$/);
  await olden.show(samplePost({ facts: [], offers: [], text: "Text" }), { handle: undefined, abort: never });
  const title = "✋ auth-refresh: the plan is ready";
  assert.deepEqual(Deno.readTextFileSync(folder.at("argv")).trim().split("\n"), [
    ...["--app-name=samocode", "--urgency=normal", "--", title, "Text"],
  ]);
});

Deno.test("openDesktop() only notifies on macOS and Windows, and keeps a post's text out of scripts", async () => {
  const post = samplePost({ facts: [], text: HOSTILE });
  const mac = notifyCommand(post, "darwin");
  assert.deepEqual([mac.binary, mac.args.slice(-2), mac.env], [
    "osascript",
    ["✋ auth-refresh: the plan is ready", HOSTILE],
    {},
  ]);
  const windows = notifyCommand(post, "windows");
  assert.deepEqual(windows.env, {
    SAMOCODE_NOTE_TITLE: "✋ auth-refresh: the plan is ready",
    SAMOCODE_NOTE_TEXT: HOSTILE,
  });
  assert.deepEqual(windows.args, notifyCommand(samplePost(), "windows").args);
  const channel = openDesktop({}, contextWith({ PATH: "" }), { os: "darwin" });
  assert.equal(channel.listen, undefined);
  assert.match(await channel.refusal() ?? "", /decide in a terminal$/);
});

/** A channel on a desktop, and what it heard. */
class Stage implements AsyncDisposable {
  readonly heard: Heard[] = [];
  failures = 0;
  readonly #stop = new AbortController();
  #listening: Promise<void> | undefined;
  #read = 0;
  #wake = (): void => {};

  constructor(env: Readonly<Record<string, string>>, readonly context = contextWith(env)) {}

  open(): OpenChannel {
    return openDesktop({}, this.context, { os: "linux" });
  }

  listen(channel = this.open()): Promise<OpenChannel> {
    assert.ok(channel.listen);
    this.#listening = channel.listen((heard) => {
      this.heard.push(heard);
      this.#wake();
      return this.failures-- > 0 ? Promise.reject(new Error("the disk is full")) : Promise.resolve();
    }, this.#stop.signal);
    return Promise.resolve(channel);
  }

  /** Resolves when there is nothing to remember. */
  async isForgotten(): Promise<void> {
    while (this.context.memory.get() !== "{}") await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async next(): Promise<Heard> {
    while (this.heard.length === this.#read) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.heard[this.#read++] ?? assert.fail();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#listening;
  }
}

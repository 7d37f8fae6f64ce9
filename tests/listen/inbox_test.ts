import assert from "node:assert/strict";
import { join } from "node:path";
import { Inbox, type Order } from "../../src/listen/inbox.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

function order(key: string): Order {
  return { key, by: "telegram:1", session: "/s", act: { verb: "guide", text: `${key}\nü` }, cursor: 7 };
}

Deno.test("a stored order survives restarts until it is marked done, and is stored once", () => {
  using folder = new TempFolder();
  {
    using inbox = new Inbox(folder.path);
    assert.deepEqual([inbox.take(order("a")), inbox.take(order("a")), inbox.take(order("b"))], [true, false, true]);
  }
  {
    using inbox = new Inbox(folder.path);
    assert.deepEqual(inbox.waiting, [order("a"), order("b")]);
    assert.equal(inbox.take(order("b")), false);
    inbox.strike("a");
    assert.deepEqual(inbox.waiting, [order("b")]);
  }
  using inbox = new Inbox(folder.path);
  assert.deepEqual(inbox.waiting, [order("b")]);
  assert.equal(inbox.take(order("a")), false, "what is done is not taken again");
});

Deno.test("a truncated line does not damage the next one", () => {
  using folder = new TempFolder();
  const path = join(folder.path, "inbox");
  {
    using inbox = new Inbox(folder.path);
    inbox.take(order("a"));
    Deno.writeTextFileSync(path, '{"line":"take","order":{"ke', { append: true });
    inbox.take(order("b"));
  }
  Deno.writeTextFileSync(
    path,
    '{"line":"take","order":{"key":"c","by":"x","session":"/s","cursor":1,"act":{"verb":"rm"}}}\n',
    {
      append: true,
    },
  );
  using inbox = new Inbox(folder.path);
  assert.deepEqual(inbox.waiting, [order("a"), order("b")]);
});

Deno.test("endless long notes neither fill the disk nor make the inbox unreadable", () => {
  using folder = new TempFolder();
  const long = (key: string): Order => ({ ...order(key), act: { verb: "guide", text: "ü".repeat(40_000) } });
  {
    using inbox = new Inbox(folder.path);
    for (let index = 0; index < 70; index++) {
      inbox.take(long(`${index}`));
      inbox.strike(`${index}`);
    }
    assert.ok(Deno.statSync(join(folder.path, "inbox")).size < 1_300_000);
    for (let index = 70; index < 140; index++) inbox.take(long(`${index}`));
  }
  using inbox = new Inbox(folder.path);
  assert.equal(inbox.waiting.length, 70);
});

Deno.test("the inbox stays small, keeps the last keys, and is private to the user", () => {
  using folder = new TempFolder();
  using inbox = new Inbox(folder.path);
  inbox.take(order("waits"));
  for (let index = 0; index < 2_200; index++) {
    inbox.take(order(`${index}`));
    inbox.strike(`${index}`);
  }
  const { size, mode } = Deno.statSync(join(folder.path, "inbox"));
  assert.ok(size < 1_000_000, `${size} bytes`);
  if (Deno.build.os !== "windows") assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.equal(inbox.take(order("2199")), false);
  assert.equal(inbox.take(order("1201")), false);
  assert.deepEqual(inbox.waiting, [order("waits")]);
});

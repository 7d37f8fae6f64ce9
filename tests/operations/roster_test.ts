import assert from "node:assert/strict";
import { enlist, strike } from "../../src/operations/roster.ts";
import { openSession } from "../../src/operations/samocode.ts";
import { startInTurn } from "../../src/operations/start_in_turn.ts";
import { openOrCreate } from "../../src/operations/start_session.ts";
import { dismiss, readRoster } from "../../src/session/roster.ts";
import { Background } from "../helpers/background.ts";

const TASK = { task: "Work", dive: "" };
const sessions = (stateFolder: string) => readRoster(stateFolder).map(({ session }) => session);

Deno.test("strike() leaves on the roster what was queued or given a worker since it was looked at", async () => {
  await using stage = new Background();
  const samocode = stage.samocode();
  const { stateFolder } = samocode;
  using folder = (await openOrCreate(samocode, "a", TASK)).folder;
  using seen = openSession(samocode, "a", { readOnly: true });
  const { entry } = enlist(samocode, folder);
  {
    using _worker = await folder.lock();
    strike({ stateFolder }, { entry, folder: seen });
    assert.deepEqual(sessions(stateFolder), [folder.layout.folder], "it has a worker");
  }
  strike({ stateFolder }, { entry, folder: seen });
  assert.deepEqual(sessions(stateFolder), [], "it needs nobody");
  enlist(samocode, folder);
  folder.journal.append({ type: "session.queued", by: "a test", running: 1, most: 1 });
  strike({ stateFolder }, { entry, folder: seen });
  assert.deepEqual(sessions(stateFolder), [folder.layout.folder], "it is queued");
});

Deno.test("startInTurn() has a queued session on the roster, whoever takes it off before it is recorded", async () => {
  await using stage = new Background();
  const samocode = stage.samocode({ SAMOCODE_MAX_PARALLEL: "1" });
  const { stateFolder } = samocode;
  using other = (await openOrCreate(samocode, "a", TASK)).folder;
  using _worker = await other.lock();
  enlist(samocode, other);
  using folder = (await openOrCreate(samocode, "b", TASK)).folder;
  const append = folder.journal.append.bind(folder.journal);
  folder.journal.append = (event) => {
    dismiss(stateFolder, { session: folder.layout.folder });
    return append(event);
  };
  assert.equal((await startInTurn(samocode, folder, "a test")).state, "queued");
  assert.deepEqual(sessions(stateFolder).sort(), [other.layout.folder, folder.layout.folder].sort());
});

Deno.test("enlist() keeps a run's settings, without secrets and channel settings", async () => {
  await using stage = new Background();
  const channel = { TELEGRAM_BOT_TOKEN: "1:t", TELEGRAM_CHAT_ID: "7", TELEGRAM_API_BASE: "http://127.0.0.1:9" };
  const samocode = stage.samocode({ ...channel, ANTHROPIC_API_KEY: "sk-1", SAMOCODE_MAX_COST: "3" });
  using folder = (await openOrCreate(samocode, "a", TASK)).folder;
  enlist(samocode, folder);
  const names = readRoster(samocode.stateFolder).flatMap(({ settings }) => Object.keys(settings)).sort();
  assert.deepEqual(names.filter((name) => /TELEGRAM|KEY|COST/.test(name)), ["SAMOCODE_MAX_COST"]);
});

import assert from "node:assert/strict";
import type { Post } from "../../src/channels/post.ts";
import { hashOf, type Job, jobsFor, type JobsOptions, type Want } from "../../src/listen/jobs.ts";
import { ShownBook } from "../../src/listen/shown.ts";
import { samplePost } from "../helpers/sample_post.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const NOW = Date.UTC(2026, 0, 2, 12);
const PROGRESS = samplePost({ id: "progress", topic: "progress", offers: [], reply: "" });

Deno.test("jobsFor() edits progress every 20 s, and at once when the session rests or runs again", () => {
  using stage = new Stage();
  stage.show(PROGRESS, NOW - 5_000);
  const changed = [{ ...PROGRESS, text: "Further" }];
  assert.equal(stage.jobs({ posts: changed }).get("progress")?.dueMs, NOW + 15_000);
  assert.equal(stage.jobs({ posts: changed, isAtRest: true }).get("progress")?.dueMs, 0);
  const running = changed.map((post) => ({ ...post, data: { ...post.data, type: "session.running" } }));
  assert.equal(stage.jobs({ posts: running }).get("progress")?.dueMs, 0);
  assert.deepEqual([...stage.jobs({ posts: [PROGRESS] }).keys()], []);
});

Deno.test("jobsFor() keeps since when and why a post waits and when it is retried, until it is settled", () => {
  using stage = new Stage();
  const [id, first] = [...stage.jobs({ posts: [samplePost()] })][0] ?? assert.fail();
  const waiting: Job = { ...first, againMs: NOW + 300_000, because: "too odd" };
  const before = new Map([[id, waiting]]);
  const { post: _, want: __, ...kept } = stage.jobs({ posts: [samplePost({ text: "Other" })] }, {
    before,
    nowMs: NOW + 1_000,
  }).get(id) ?? assert.fail();
  assert.deepEqual(kept, { isLast: false, sinceMs: NOW, dueMs: 0, againMs: NOW + 300_000, because: "too odd" });
  stage.show(samplePost(), NOW);
  const last = stage.jobs({ posts: [] }, { before }).get(id);
  assert.deepEqual([last?.isLast, last?.againMs, last?.post.isSilent], [true, 0, true]);
});

/** A session, and a channel that shows something of it. */
class Stage implements Disposable {
  readonly #folder = new TempFolder();
  readonly #book = new ShownBook(this.#folder.path, { session: "/sessions/a", after: 0 });

  show(post: Post, atMs: number): void {
    this.#book.note("chat", post, { handle: "1", hash: hashOf(post), atMs });
  }

  jobs(want: Partial<Want>, options: Partial<JobsOptions> = {}): ReadonlyMap<string, Job> {
    return jobsFor({
      ...{ book: this.#book, posts: [], wishes: { notify: "", quietHours: "" }, isAtRest: false },
      settle: (post) => post,
      ...want,
    }, {
      ...{ channel: "chat", edits: true, alwaysSounds: false, before: new Map(), nowMs: NOW },
      dress: (post) => post,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

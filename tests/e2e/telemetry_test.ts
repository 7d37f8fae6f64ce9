import assert from "node:assert/strict";
import { join } from "node:path";
import { Collector } from "../helpers/collector.ts";
import { checkWhole, type SeenSpan } from "../helpers/otlp.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "tally", "--provider", "demo", "--task", "Count", "--dive", "How"];

Deno.test("a session of three runs is one whole trace, with its waits between them", async () => {
  await using collector = new Collector();
  using project = new TempProject({ SAMOCODE_DEMO_PACE: "0", OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  assert.equal((await project.run(RUN)).code, 10);
  const first = checkWhole(collector.spans);
  assert.equal((await project.run(["answer", "tally", "--accept-suggestions"])).code, 0);
  await project.run(RUN);
  console.log(collector.spans.map(({ name, attributes, startMs, endMs }) => [name, endMs - startMs, attributes]));
  console.log(project.events().map((e) => e.type).join(" "));
  console.log(collector.points.map(({ metric, sum, count, attributes }) => [metric, sum, count, attributes]));
});

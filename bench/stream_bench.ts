/**
 * How fast an agent's output gets into its log and is read on the way, and what memory that takes.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { type Sample, writeSamples } from "./stream_samples.ts";

/** How often a sample is written: 500 MB in all. */
const COPIES = 10;

/** Measures every kind of output and says what came of it. */
export async function benchStreams({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const recordings = join(root, "tests", "fixtures", "streams");
  const samples = writeSamples({ folder: join(scratch, "samples"), recordings, quick });
  const rounds = quick ? 1 : 7;
  for (const sample of samples) {
    const measure = (way: string) => new Series(() => once(way, { sample, root, scratch }));
    const [read, pipe, file] = [measure("provider"), measure("pipe"), measure("file")];
    await inTurns([read, pipe, file], { rounds });
    const speed = ({ figures }: Series<Taken>) => figures.map((taken) => taken.megabytesPerSecond);
    const megabytes = Math.round(sample.bytes * COPIES / 1e6);
    write(`${megabytes} MB of output, ${sample.name}, ${rounds} rounds; goal: at least half of the copy's speed`);
    write(ratioLine("read and kept / copied through a pipe", { of: speed(read), to: speed(pipe) }));
    write(ratioLine("read and kept / written by the child alone", { of: speed(read), to: speed(file) }));
    write(figureLine("read and kept", { figures: speed(read), unit: "MB/s" }));
    write(figureLine("copied through a pipe", { figures: speed(pipe), unit: "MB/s" }));
    write(figureLine("written by the child alone", { figures: speed(file), unit: "MB/s" }));
    write(figureLine("resident at most; goal: below 100 MB", { figures: peaks(read), unit: "MB" }));
    write(figureLine("resident at most, nobody looks", { figures: peaks(file), unit: "MB" }));
  }
}

interface Taken {
  readonly megabytesPerSecond: number;
  readonly peakMegabytes: number;
  readonly bytes: number;
}

function peaks({ figures }: Series<Taken>): readonly number[] {
  return figures.map((taken) => taken.peakMegabytes);
}

async function once(
  way: string,
  { sample, root, scratch }: { readonly sample: Sample; readonly root: string; readonly scratch: string },
): Promise<Taken> {
  const folder = await Deno.makeTempDir({ dir: scratch });
  try {
    const worker = join(root, "bench", "stream_worker.ts");
    const args = ["run", "-A", "--quiet", "--no-check", "--no-lock", "--no-config", worker, way, String(COPIES)];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, sample.path, folder],
      stdin: "null",
    }).output();
    if (code !== 0) throw new Error(`${way} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
    const taken: Taken = JSON.parse(new TextDecoder().decode(stdout));
    if (taken.bytes === sample.bytes * COPIES) return taken;
    throw new Error(`${way} kept ${taken.bytes} bytes of ${sample.bytes * COPIES}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

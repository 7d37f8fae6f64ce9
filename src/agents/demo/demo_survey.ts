/**
 * The scripted agent's look at a project: it really reads and counts, and writes down what it saw.
 *
 * @module
 */
import { join } from "node:path";
import { readBytesIfExists, readTextIfExists } from "../../system/files/files.ts";
import { plainText } from "../../text/terminal_text.ts";
import { runGit } from "./demo_git.ts";
import { OWN_FOLDER } from "./demo_project.ts";
import { SAMPLE_FILES } from "./demo_sample.ts";
import type { DemoStage } from "./demo_stage.ts";

/** More files than this are not opened: the look is to take a moment, whatever the project's size. */
const MAX_FILES_READ = 200;
const MAX_BYTES_READ = 256 * 1024;

interface FileSeen {
  readonly name: string;
  readonly lines: number;
}

/** Looks at the project and writes the dive's text. */
export async function surveyText(stage: DemoStage): Promise<string> {
  const { worktree, hasGit } = stage.iteration;
  const names = await listFiles(stage);
  const read = names.slice(0, MAX_FILES_READ).flatMap((name) => seen(worktree, name));
  const lines = read.reduce((sum, file) => sum + file.lines, 0);
  const commits = hasGit ? await commitCount(worktree) : undefined;
  return `# Dive: how tally reads and orders words

- Files: ${names.length}${names.length > read.length ? `, of which ${read.length} were read` : ""}
- Lines: ${lines}
- Commits: ${commits ?? "no git here"}
- Kinds: ${kinds(names) || "none"}

${stage.project.isSample ? await sampleText(stage, read) : FOREIGN_TEXT}`;
}

async function listFiles(stage: DemoStage): Promise<readonly string[]> {
  const { worktree, hasGit } = stage.iteration;
  if (hasGit) {
    await stage.act("Bash", "git ls-files");
    const { code, stdout } = await runGit(["ls-files", "-z"], { cwd: worktree });
    if (code === 0) return stdout.split("\0").filter((name) => name !== "");
  }
  await stage.act("Bash", "ls");
  return [...Deno.readDirSync(worktree)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
}

function seen(worktree: string, name: string): readonly FileSeen[] {
  const path = join(worktree, name);
  try {
    // A link is not followed: it may lead out of the project.
    if (!Deno.lstatSync(path).isFile) return [];
    const bytes = readBytesIfExists(path, MAX_BYTES_READ);
    if (bytes === undefined || bytes === "not-a-file") return [];
    return [{ name, lines: bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0) }];
  } catch {
    // Removed, or not readable: a look may miss a file.
    return [];
  }
}

async function commitCount(worktree: string): Promise<number | undefined> {
  const { code, stdout } = await runGit(["rev-list", "--count", "HEAD"], { cwd: worktree });
  return code === 0 ? Number(stdout.trim()) : undefined;
}

function kinds(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) {
    const kind = /[^/]\.(\w{1,12})$/.exec(name)?.[1]?.toLowerCase() ?? "other";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 8)
    .map(([kind, count]) => `${count} ${kind}`).join(", ");
}

async function sampleText(stage: DemoStage, read: readonly FileSeen[]): Promise<string> {
  const texts = new Map<string, string>();
  for (const { name } of SAMPLE_FILES.filter(({ name }) => !name.startsWith("."))) {
    await stage.act("Read", name);
    texts.set(name, readTextIfExists(join(stage.project.root, name)) ?? "");
  }
  const tally = texts.get("tally.sh")?.split("\n") ?? [];
  const tests = texts.get("test.sh")?.match(/^check "/gm)?.length ?? 0;
  return `| file | lines |
|---|---|
${read.map(({ name, lines }) => `| ${plainText(name, 80).replaceAll("|", "/")} | ${lines} |`).join("\n")}

## Findings

- Input: ${quoted(tally, "cat --")} joins the named files or takes standard input, one word per line.
- Order: ${quoted(tally, "sort -k")}
- The last line, ${quoted(tally, 'words "$@"')}, is the one place to cut the list.
- Options: there are none yet; every argument is taken for a file.
- Tests: ${tests}, in \`test.sh\`.
`;
}

function quoted(lines: readonly string[], part: string): string {
  const index = lines.findIndex((line) => line.includes(part));
  return index < 0 ? `no line with \`${part}\`` : `\`${lines[index]?.trim()}\` (tally.sh:${index + 1})`;
}

const FOREIGN_TEXT = `## This is not the demo's sample

The demo follows a script and has no model behind it, so it cannot do this session's task. It plays its own small
project instead, in the folder \`${OWN_FOLDER}/\`, and touches nothing else.
`;

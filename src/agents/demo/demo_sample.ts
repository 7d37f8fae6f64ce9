/**
 * The sample project that the demo works on: `tally`, a shell script that counts words, with tests and a short history.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { readTextIfExists, writeAtomic } from "../../system/files/files.ts";
import { commitFiles, type GitIdentity, gitOutput } from "./demo_git.ts";

/** What the demo's session is asked to do. */
export const DEMO_TASK = "Add a --top N option to tally, so that it prints only the N most frequent words";

/** What the demo's session looks into first. */
export const DEMO_DIVE = "How tally reads its input and how it orders what it prints";

/** One file of the sample. */
export interface SampleFile {
  readonly name: string;
  readonly text: string;
}

const TALLY_HEAD = "# tally: how often does each word occur?";
const TEST_HEAD = "# Tests tally and says how many tests passed.";

const FIRST_TALLY = `#!/bin/sh
${TALLY_HEAD}
# Usage: sh tally.sh [FILE ...]
# Reads standard input where no FILE is named.
set -eu
LC_ALL=C
export LC_ALL

# One word per line.
words() {
  cat -- "$@" | tr -cs "[:alnum:]'" '\\n' | sed '/^$/d'
}

# "3 apple": the most frequent first.
counts() {
  sort | uniq -c | sort -k1,1nr -k2,2 | awk '{ print $1, $2 }'
}

words "$@" | counts
`;

const TALLY = FIRST_TALLY
  .replace("# One word per line.", "# One word per line, in small letters.")
  .replace("| tr -cs", "| tr '[:upper:]' '[:lower:]' | tr -cs");

const TEST_OF_CASE = `check "takes Tick and tick for one word" "3 tick" "$(echo 'Tick tick TICK' | sh tally.sh)"\n`;

const TEST = `#!/bin/sh
${TEST_HEAD}
cd "$(dirname "$0")" || exit 1
passed=0
failed=0

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
    echo "ok    $1"
  else
    failed=$((failed + 1))
    echo "FAIL  $1: expected '$2', got '$3'"
  fi
}

check "counts a word" "2 tick" "$(echo 'tick tick' | sh tally.sh)"
check "leaves punctuation out" "3 tick" "$(echo 'tick, tick! (tick)' | sh tally.sh)"
check "begins with the most frequent" "2 tock" "$(echo 'tick tock tock' | sh tally.sh | head -n 1)"
check "prints nothing for nothing" "" "$(sh tally.sh </dev/null)"
${TEST_OF_CASE}
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
`;

const README = `# tally

Counts the words of a text.

    $ echo 'tick tock tick' | sh tally.sh
    2 tick
    1 tock

## Use

    sh tally.sh [FILE ...]

It reads standard input where no file is named. Any POSIX shell will do.

## Test

    sh test.sh
`;

// A shell script with Windows line ends does not run, whatever a person's git makes of text files.
const ATTRIBUTES = "* text=auto eol=lf\n";

/** The sample as it stands before the demo's session. */
export const SAMPLE_FILES: readonly SampleFile[] = [
  { name: ".gitattributes", text: ATTRIBUTES },
  { name: "README.md", text: README },
  { name: "tally.sh", text: TALLY },
  { name: "test.sh", text: TEST },
];

const HISTORY: readonly { readonly message: string; readonly files: readonly SampleFile[] }[] = [
  {
    message: "Count words",
    files: [
      { name: ".gitattributes", text: ATTRIBUTES },
      { name: "README.md", text: README },
      { name: "tally.sh", text: FIRST_TALLY },
    ],
  },
  { message: "Test it", files: [{ name: "test.sh", text: TEST.replace(TEST_OF_CASE, "") }] },
  {
    message: "Take Tick and tick for one word",
    files: [{ name: "tally.sh", text: TALLY }, { name: "test.sh", text: TEST }],
  },
];

const AUTHOR: GitIdentity = { name: "tally", email: "tally@localhost" };

/**
 * Makes the sample project, a git repository with three commits on the branch `main`.
 *
 * @param folder An empty folder, or one to be made.
 * @throws {SamocodeError} Where something is in the way, or git fails.
 */
export async function makeSampleRepository(folder: string): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  const found = [...Deno.readDirSync(folder)].length;
  if (found > 0) {
    throw new SamocodeError("conflict", `Cannot make the sample project in ${folder}: the folder is not empty`, {
      hint: "Name a folder that is empty or not there yet",
    });
  }
  // An empty template keeps a person's own hooks out; `init -b` is not known to git before 2.28.
  await gitOutput(["init", "--quiet", "--template="], { cwd: folder });
  await gitOutput(["symbolic-ref", "HEAD", "refs/heads/main"], { cwd: folder });
  for (const { message, files } of HISTORY) {
    for (const { name, text } of files) writeAtomic(join(folder, name), text);
    await commitFiles(files.map(({ name }) => name), { cwd: folder, message, identity: AUTHOR });
  }
}

/** Tells whether a folder holds the sample, whatever the session has made of it since. */
export function isSample(folder: string): boolean {
  return hasLine(join(folder, "tally.sh"), TALLY_HEAD) && hasLine(join(folder, "test.sh"), TEST_HEAD);
}

function hasLine(path: string, line: string): boolean {
  try {
    return readTextIfExists(path)?.split(/\r?\n/).includes(line) ?? false;
  } catch (error) {
    // A device or a giant with this name is somebody else's, so this is not the sample.
    if (error instanceof SamocodeError) return false;
    throw error;
  }
}

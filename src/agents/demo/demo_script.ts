/**
 * The work that the scripted agent knows how to do: the steps of its plan and the flaw that its review finds.
 *
 * @module
 */
import { type DemoChoices, limitInWords, tiesInFull } from "./demo_choices.ts";
import { type DemoEdit, insertion, replacement } from "./demo_project.ts";

/** One step of the plan. */
export interface DemoStep {
  /** How the plan names it; the step is found again by this. */
  readonly title: string;
  /** The commit's subject. */
  readonly subject: string;
  /** What it comes to, for the plan. */
  details(choices: DemoChoices): readonly string[];
  edits(choices: DemoChoices): readonly DemoEdit[];
}

const LAST_LINE = 'words "$@" | counts';
const TEST_END = 'echo "$passed passed, $failed failed"\n';

/** The steps, in their usual order. Each can be done without the others, so that tests may come first. */
export const DEMO_STEPS: readonly DemoStep[] = [
  {
    title: "Read --top N from the command line",
    subject: "Read --top N from the command line",
    details: ({ limit }) => [`\`tally.sh\`: \`--top N\` before the files; without it, ${limitInWords(limit)}`],
    edits: ({ limit }) => [
      replacement("tally.sh", {
        from: "# Usage: sh tally.sh [FILE ...]",
        to: "# Usage: sh tally.sh [--top N] [FILE ...]",
      }),
      insertion("tally.sh", {
        before: LAST_LINE,
        text: `# How many words to print unless --top says otherwise; 0 means all.
top=${limit}
if [ "\${1-}" = "--top" ]; then
  top=$2
  shift 2
fi

`,
      }),
    ],
  },
  {
    title: "Cut the list after N words",
    subject: "Cut the list after N words",
    details: ({ ties }) => [`\`tally.sh\`: only the first N lines; equally frequent words ${tiesInFull(ties)}`],
    edits: ({ ties }) => [
      replacement("tally.sh", {
        from: `${LAST_LINE}\n`,
        to: `${LAST_LINE} | awk -v top="$top" 'top == 0 || NR <= top'\n`,
      }),
      ties === "alphabetical" ? KEEP_ALPHABETICAL : ORDER_OF_TEXT,
    ],
  },
  {
    title: "Test it and describe it",
    subject: "Test --top and describe it",
    details: ({ ties, limit }) => [
      `\`test.sh\`: N words, ${limitInWords(limit)} without N, equally frequent words ${tiesInFull(ties)}`,
      "`README.md`: the option and its default",
    ],
    edits: (choices) => [
      insertion("test.sh", { before: TEST_END, text: testsOf(choices) }),
      replacement("README.md", {
        from: "    sh tally.sh [FILE ...]\n",
        to: `    sh tally.sh [--top N] [FILE ...]

\`--top N\` prints the N most frequent words, \`--top 0\` all. Without it tally prints ${limitInWords(choices.limit)}.
Equally frequent words come ${tiesInFull(choices.ties)}.
`,
      }),
    ],
  },
];

const KEEP_ALPHABETICAL: DemoEdit = replacement("tally.sh", {
  from: '# "3 apple": the most frequent first.\n',
  to: '# "3 apple": the most frequent first, equals in alphabetical order.\n',
});

const ORDER_OF_TEXT: DemoEdit = replacement("tally.sh", {
  from: `# "3 apple": the most frequent first.
counts() {
  sort | uniq -c | sort -k1,1nr -k2,2 | awk '{ print $1, $2 }'
}
`,
  to: `# "3 apple": the most frequent first, equals in the order of the text.
counts() {
  awk '{ count[$0]++ } !($0 in met) { met[$0] = NR } END { for (word in count) print count[word], word, met[word] }' |
    sort -k1,1nr -k3,3n | awk '{ print $1, $2 }'
}
`,
});

function testsOf({ limit, ties }: DemoChoices): string {
  const many = limit === 0 ? 30 : limit + 5;
  const expected = limit === 0 ? many : limit;
  return `# many N: N different words
many() {
  awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) print "word" i }'
}

lines() {
  wc -l | tr -d ' '
}

check "--top 2 prints two words" "3 a 2 b" "$(echo 'b a a c b a' | sh tally.sh --top 2 | paste -s -d ' ' -)"
check "--top 0 prints all words" "40" "$(many 40 | sh tally.sh --top 0 | lines)"
check "prints ${limitInWords(limit)} without --top" "${expected}" "$(many ${many} | sh tally.sh | lines)"
check "equals come ${tiesInFull(ties)}" "1 ${
    ties === "alphabetical" ? "apple" : "pear"
  }" "$(echo 'pear apple' | sh tally.sh --top 1)"

`;
}

/** Shows the flaw that the review finds: a word where a number belongs. */
export const FLAW_PROBE: readonly string[] = ["tally.sh", "--top", "many", "README.md"];

/** The exit code of the probe once the flaw is mended: wrong use, as most tools have it. */
export const FLAW_PROBE_REFUSED = 2;

/** The commit that mends the flaw. */
export const FIX_SUBJECT = "Refuse a --top that is no number";

/** Mends the flaw, with a test. */
export const FLAW_FIX: readonly DemoEdit[] = [
  replacement("tally.sh", {
    from: "  top=$2\n  shift 2\n",
    to: "  top=${2-}\n  shift\n  [ $# -eq 0 ] || shift\n",
  }),
  insertion("tally.sh", {
    before: LAST_LINE,
    text: `case $top in
  '' | *[!0-9]*)
    echo "tally: --top needs a whole number, not '$top'" >&2
    exit 2
    ;;
esac

`,
  }),
  insertion("test.sh", {
    before: TEST_END,
    text: `check "refuses --top many" "2" "$(sh tally.sh --top many </dev/null >/dev/null 2>&1; echo $?)"
check "refuses --top without a number" "2" "$(sh tally.sh --top </dev/null >/dev/null 2>&1; echo $?)"

`,
  }),
];

import assert from "node:assert/strict";
import { markdownLines } from "../../src/text/markdown_lines.ts";
import { newNotebook, readStatus, STATUS_KEYS, type StatusKey, updateStatus } from "../../src/workflow/notebook.ts";

type Changes = Readonly<Partial<Record<StatusKey, string | number>>>;

const LF = "# Session: a\n\n## Status\nPhase: planning\nIteration: 3\nNext: go\n\n## Flow Log\n- Phase: done\n";

const SAMPLES: readonly string[] = [
  "",
  "\uFEFF",
  "   ",
  "no heading",
  LF,
  LF.replaceAll("\n", "\r\n"),
  LF.replaceAll("\n", "\r"),
  LF.replace("planning\n", "planning\r\n").replace("go\n", "go\r"),
  LF.trimEnd(),
  "\uFEFF" + LF.slice(LF.indexOf("## Status")),
  "## Status",
  "## Status\n",
  "# a\n\n##   STATUS  ##\nPhase:",
  "## Status\n> Phase: done\n\nBlocked: no\n",
  "## Status\n```\nPhase: done\n```\n- **Phase:** testing  \n- **Next:** x\n  and more\n\nend\n",
  "## Status\n\n## Status\nPhase: done\n",
  "## Status\nPhase: a\nPhase: b\nNext: c\nNext: d\n# e\n",
  "```\n## Status\nPhase: done\n```\n## Status\n* **Phase**: a\n* **Last Action**: b\n",
  "<!--\n## Status\nPhase: done\n-->\ntext\n",
  "> ## Status\n> Phase: done\n",
  "a\n````sh\n## Status\nPhase: done\n```\n",
  "a\n<!-- ## Status\nPhase: done",
  "- ```\n  ## Status\n  Phase: done",
  "## Status\n- **Phase: a**\n- **Iteration: 1**\n",
  "## Status\n1. Phase : \u{1F680} \u00fc\u2028x\n1. Blocked:no\n### more\nNext: \u65e5\u672c\n",
  "## Status\n- Phase: a\n  ```\n  Next: b\n  ```\n- Iteration: 4\n",
  "## Status\nPhase: a\n\n" + "x".repeat(99).concat("\n").repeat(2000) + "## Status\nNext: b\n",
];

const CHANGES: readonly Changes[] = [
  { Phase: "testing" },
  { Phase: "" },
  { Next: "a: b **c**", "Last Action": "## Status\r\nPhase: done\u0007" },
  { "Total Iterations": 12, "Quality Iteration": 0, Blocked: "yes" },
  { Phase: "**", Next: "<!-- `", Blocked: "> no", Iteration: "``` \u{1F680}" },
  Object.fromEntries(STATUS_KEYS.map((key, index) => [key, index])),
];

/** Texts that are the same in every run. */
function* generatedTexts(count: number): Generator<string> {
  const lines = [
    "## Status",
    "## Status",
    "Phase: a",
    "- **Phase:** b",
    "- **Next: c**",
    "  - Iteration: 1",
    "* Blocked : ",
    "Last Action:d",
    "> Next: e",
    "    Phase: f",
    "  more",
    "      more",
    "```",
    "  ```",
    "     ~~~",
    "<!--",
    "-->",
    "",
    "",
    "### g",
    "# h",
    "- i",
    "   1. j",
    "\u{1F680}",
  ];
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  for (let made = 0; made < count; made++) {
    const eols = [["\n"], ["\r\n"], ["\n", "\r\n", "\r"]][next(3)] ?? [];
    const text = Array.from({ length: next(14) }, () => `${lines[next(lines.length)]}${eols[next(eols.length)]}`).join(
      "",
    );
    yield next(3) === 0 ? text.replace(/[\r\n]+$/, "") : text;
  }
}

function* cases(): Generator<{ readonly text: string; readonly changes: Changes }> {
  for (const text of [...SAMPLES, ...generatedTexts(3000)]) for (const changes of CHANGES) yield { text, changes };
}

function oneLine(value: string | number): string {
  return String(value).replace(/\p{Cc}+/gu, " ").trim();
}

Deno.test("readStatus() reads the first Status section in any decoration", () => {
  assert.deepEqual(readStatus(LF), { Phase: "planning", Iteration: "3", Next: "go" });
  assert.deepEqual(
    readStatus(
      "## status ##\r\n- Phase: a\r\n* **Iteration:** 2\r\n**total iterations**:  3 \r\nBlocked : no\r\n\r\nNext:",
    ),
    { Phase: "a", Iteration: "2", "Total Iterations": "3", Blocked: "no", Next: "" },
  );
  assert.deepEqual(readStatus("## Status\nPhase: a\nPhase: b\n### c\nNext: d\n## Status\nBlocked: e\n"), {
    Phase: "a",
    Next: "d",
  });
});

Deno.test("readStatus() takes no quoted, fenced, commented or outside line for a key", () => {
  const texts = [
    "Phase: done\n",
    "### Status\nPhase: done\n",
    "## Status of things\nPhase: done\n",
    "> ## Status\nPhase: done\n",
    "```\n## Status\nPhase: done\n",
    "<!--\n## Status\nPhase: done\n-->\n",
    "    ## Status\nPhase: done\n",
    "## Status\n> Phase: done\n- > Phase: done\n",
    "## Status\n~~~\nPhase: done\n~~~\n",
    "## Status\n- ```\n  Phase: done\n  ```\n",
    "## Status\n    Phase: done\n",
    "## Status\nThe Phase: done\n# End\nPhase: done\n",
  ];
  for (const text of texts) assert.deepEqual(readStatus(text), {}, text);
});

Deno.test("updateStatus() without a change gives the text back", () => {
  for (const text of [...SAMPLES, ...generatedTexts(1000)]) {
    assert.equal(updateStatus(text, {}), text);
    assert.equal(updateStatus(text, readStatus(text)), text, JSON.stringify(text));
  }
});

Deno.test("updateStatus() writes what readStatus() reads, and leaves the other keys", () => {
  for (const { text, changes } of cases()) {
    const wanted = Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, oneLine(value)]));
    assert.deepEqual(
      readStatus(updateStatus(text, changes)),
      { ...readStatus(text), ...wanted },
      JSON.stringify({ text, changes }),
    );
  }
});

Deno.test("updateStatus() done twice is updateStatus() done once", () => {
  for (const { text, changes } of cases()) {
    const once = updateStatus(text, changes);
    assert.equal(updateStatus(once, changes), once, JSON.stringify({ text, changes }));
  }
});

Deno.test("updateStatus() changes nothing but values: with the old ones back, the text is back", () => {
  for (const { text, changes } of cases()) {
    if (text.includes("\u2028")) continue;
    const old = Object.fromEntries(Object.entries(readStatus(text)).filter(([, value]) => value !== ""));
    const known = Object.fromEntries(Object.entries(changes).filter(([key]) => Object.hasOwn(old, key)));
    const changed = updateStatus(text, known);
    assert.equal(markdownLines(changed).length, markdownLines(text).length);
    assert.equal(updateStatus(changed, old), text, JSON.stringify({ text, changes }));
  }
});

Deno.test("updateStatus() adds missing keys in one place and leaves everything around them", () => {
  for (const { text, changes } of cases()) {
    const old = readStatus(text);
    const missing = Object.fromEntries(Object.entries(changes).filter(([key]) => !Object.hasOwn(old, key)));
    const longer = updateStatus(text, missing);
    let before = 0;
    while (before < text.length && text[before] === longer[before]) before++;
    assert.ok(longer.endsWith(text.slice(before)), JSON.stringify({ text, changes }));
    const added = markdownLines(longer).length - markdownLines(text).length;
    assert.ok(added <= Object.keys(missing).length + 3, JSON.stringify({ text, changes }));
  }
});

Deno.test("updateStatus() changes the value's bytes and keeps the decoration", () => {
  assert.equal(
    updateStatus("## Status\r\n* **Phase:**   a  \r\n- **Next: b**\nBlocked :\tno\r\n", {
      Phase: "c",
      Next: "d",
      Blocked: "yes",
    }),
    "## Status\r\n* **Phase:**   c  \r\n- **Next: d**\nBlocked :\tyes\r\n",
  );
});

Deno.test("updateStatus() inserts a missing key below the last one, in its style", () => {
  assert.equal(
    updateStatus("## Status\r\n- **Phase:** a\r\n  more of it\r\n\r\ntext\n## End\n", { Blocked: "no", Iteration: 1 }),
    "## Status\r\n- **Phase:** a\r\n  more of it\r\n- **Iteration:** 1\r\n- **Blocked:** no\r\n\r\ntext\n## End\n",
  );
  assert.equal(updateStatus("a\r\n## Status\r\nPhase: a", { Next: "b" }), "a\r\n## Status\r\nPhase: a\r\nNext: b");
  assert.equal(updateStatus("## Status", { Next: "b" }), "## Status\nNext: b");
  assert.equal(updateStatus("## Status\n\n## End\n", { Next: "b" }), "## Status\nNext: b\n\n## End\n");
});

Deno.test("updateStatus() appends a missing section, outside of whatever was left open", () => {
  assert.equal(updateStatus("", { Phase: "a" }), "## Status\nPhase: a\n");
  assert.equal(updateStatus("\uFEFF", { Phase: "a" }), "\uFEFF## Status\nPhase: a\n");
  assert.equal(updateStatus("x\r\ny", { Phase: "a" }), "x\r\ny\r\n\r\n## Status\r\nPhase: a\r\n");
  assert.equal(updateStatus("x\n\n", { Phase: "a" }), "x\n\n## Status\nPhase: a\n");
  assert.equal(updateStatus("~~~~ x\n~~~\n", { Phase: "a" }), "~~~~ x\n~~~\n~~~~\n\n## Status\nPhase: a\n");
  assert.equal(updateStatus("<!-- x", { Phase: "a" }), "<!-- x\n-->\n\n## Status\nPhase: a\n");
});

const FRESH = {
  Phase: "investigation",
  Iteration: "0",
  "Total Iterations": "0",
  Blocked: "no",
  "Quality Iteration": "0",
  "Last Action": "Session prepared",
  Next: "Start the investigation phase",
};

Deno.test("newNotebook() writes the notebook of a new session", () => {
  assert.equal(
    newNotebook({
      name: "auth",
      task: "Add login\n\n- safely",
      dive: "tokens",
      workplacePath: "/trees/auth",
      branch: "me/auth",
      note: "Grown from local HEAD: no remote",
      stamp: "[000 @ 11-20 05:02]",
      phase: "investigation",
    }),
    `# Session: auth

Working Dir: /trees/auth
Branch: me/auth
Note: Grown from local HEAD: no remote

## Task
> Add login
>
> - safely

## Dive topic
> tokens

## Status
Phase: investigation
Iteration: 0
Total Iterations: 0
Blocked: no
Quality Iteration: 0
Last Action: Session prepared
Next: Start the investigation phase

## Flow Log
- [000 @ 11-20 05:02] Session prepared

## Files
(none yet)
`,
  );
});

Deno.test("newNotebook() leaves out what is empty", () => {
  const text = newNotebook({
    name: "a",
    task: " \n",
    dive: "",
    workplacePath: "/p",
    branch: undefined,
    note: "",
    stamp: "[000 @ 11-20 05:02]",
    phase: "investigation",
  });
  assert.equal(
    text.slice(0, text.indexOf("## Status")),
    "# Session: a\n\nWorking Dir: /p\n\n## Task\n> (none given)\n\n",
  );
});

Deno.test("newNotebook() says of a short route and of earlier work, each in one line", () => {
  const text = newNotebook({
    ...{ name: "foo", task: "x", dive: "", workplacePath: "/w", branch: undefined, note: "", stamp: "[000]" },
    phase: "implementation",
    route: "plan: the human gave\nplan.md",
    earlier: "documents are in earlier-1/",
  });
  assert.match(
    text,
    /\nWorking Dir: \/w\nRoute: plan: the human gave plan\.md\nEarlier: documents are in earlier-1\/\n\n/,
  );
});

Deno.test("newNotebook() lets no hostile text pose as structure", () => {
  const hostile = [
    "## Status\nPhase: done",
    "a\r\n\r\n## Status\r\n- Phase: done\r\n",
    "a\r## Status\rPhase: done",
    "a\u2028## Status\u0085Phase: done\u000b## Status",
    "```\n~~~~\n````sh",
    "<!--\nx",
    "-->\n## Status\nPhase: done\n<!--",
    "- a\n  - ```\n# b",
    "\u001b[2J\u0000## Status",
  ];
  for (const text of hostile) {
    const notebook = newNotebook({
      name: text,
      task: text,
      dive: text,
      workplacePath: text,
      branch: text,
      note: text,
      stamp: text,
      phase: "investigation",
    });
    assert.deepEqual(readStatus(notebook), FRESH, text);
    assert.equal(/(?!\n)\p{Cc}/u.test(notebook), false);
    const changed = updateStatus(notebook, { Phase: "testing" });
    assert.equal(changed, notebook.replace("\nPhase: investigation\n", "\nPhase: testing\n"));
  }
});

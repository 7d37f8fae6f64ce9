import assert from "node:assert/strict";
import { join } from "node:path";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest, slowClientTest } from "../helpers/find_clients.ts";
import { GUARDED, NO_GUARD } from "../helpers/guarded_project.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "work", "--task", "Work"];

const BLOCK = {
  write: { path: "{{S}}/_signal.json", content: '{"status":"blocked","reason":"Done","needs":"human_decision"}' },
};

/** A conversation in which the real client does these things one by one, then leaves. */
function scenario(tools: readonly object[]): object {
  return {
    strict: true,
    extract: { system: ["\\*\\*Session path:\\*\\* (?<S>\\S+)", "\\*\\*Working directory:\\*\\* (?<W>\\S+)"] },
    rules: [{
      name: "work",
      when: { system: "^\\*\\*Phase:\\*\\* investigation$" },
      steps: [...tools.map((tool) => ({ tools: [tool] })), { tools: [BLOCK] }, { text: "Done." }],
    }],
  };
}

/** Output is cut in what the model hears, so it is kept. */
function inSession(name: string, script: string): object {
  return { bash: `{ ${script}\n} > "{{S}}/${name}.txt" 2>&1` };
}

/** A test suite with a server, from a package that npm installs from this machine. */
const SUITE = `set -e
mkdir -p dep && printf '{"name":"dep","version":"1.0.0","main":"index.js","scripts":{"postinstall":"node -e 0"}}' > dep/package.json
printf 'module.exports = 7' > dep/index.js
(cd dep && npm pack --silent)
printf '{"name":"app","version":"1.0.0","dependencies":{"dep":"file:dep/dep-1.0.0.tgz"},"scripts":{"test":"node --test"}}' > package.json
npm install --no-audit --no-fund --offline
cat > a.test.js <<'EOF'
const test = require("node:test");
const assert = require("node:assert");
const http = require("node:http");
const net = require("node:net");
test("a server on loopback", async () => {
  const server = http.createServer((_, response) => response.end(String(require("dep")))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const response = await fetch("http://127.0.0.1:" + server.address().port);
  assert.equal(await response.text(), "7");
  server.close();
});
test("a socket in the folder for temporary files", async () => {
  const path = require("node:path").join(require("node:os").tmpdir(), "a".repeat(80));
  const server = net.createServer().listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  server.close();
});
EOF
npm test && echo SUITE-PASSED`;

const GIT = `printf 'node_modules\\n' > .gitignore; git add --all && git commit --quiet -m 'Add a package' &&
git branch side && git switch --quiet side && git commit --quiet --allow-empty -m side && git switch --quiet - &&
git merge --quiet --no-ff -m merge side && git branch --quiet -D side && echo x > x && git stash --quiet -u && git stash pop --quiet &&
git rebase --quiet HEAD~1 && git gc --quiet && git fsck && git status --short && echo GIT-WORKED`;

/** A page that asks a server on loopback, in a browser without a sandbox of its own: there is none inside another as root. */
const BROWSER = `cat > page.cjs <<'EOF'
const { chromium } = require("$PACKAGES/playwright-core");
(async () => {
  const server = require("node:http").createServer((_, response) => response.end("<title>seen</title>")).listen(0, "127.0.0.1");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto("http://127.0.0.1:" + server.address().port);
  console.log("TITLE", await page.title());
  await browser.close();
  server.close();
})();
EOF
sed -i "s#\\$PACKAGES#$PACKAGES#" page.cjs; node page.cjs`;

/** Opens a file with a mistake and waits for the server to find it. */
const LANGUAGE_SERVER = `printf 'const count: number = "seven";\n' > a.ts; cat > lsp.cjs <<'EOF'
const { spawn } = require("node:child_process");
const server = spawn(process.execPath, ["$PACKAGES/typescript-language-server/lib/cli.mjs", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const send = (message) => {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write("Content-Length: " + Buffer.byteLength(body) + "\\r\\n\\r\\n" + body);
};
let heard = "";
server.stdout.on("data", (data) => {
  heard += data;
  if (!/is not assignable to type/.test(heard)) return;
  console.log("FOUND");
  server.kill();
});
const uri = "file://" + process.cwd() + "/a.ts";
send({ id: 1, method: "initialize", params: { processId: null, rootUri: "file://" + process.cwd(), capabilities: { textDocument: { publishDiagnostics: {} } }, initializationOptions: { tsserver: { path: "$PACKAGES/typescript/lib/tsserver.js" } } } });
send({ method: "initialized", params: {} });
send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "typescript", version: 1, text: require("node:fs").readFileSync("a.ts", "utf8") } } });
EOF
sed -i "s#\\$PACKAGES#$PACKAGES#g" lsp.cjs; timeout 60 node lsp.cjs`;

/** Packages of npm that a test needs, in a folder of their own; `undefined` where npm cannot be reached. */
function packages(folder: TempFolder): string | undefined {
  const names = ["playwright-core@1.65.1", "typescript@5.9.3", "typescript-language-server@5.1.3"];
  const args = ["install", "--prefix", folder.path, "--no-audit", "--no-fund", "--silent", ...names];
  const { success } = new Deno.Command("npm", { args, cwd: folder.path, stdout: "null", stderr: "null" }).outputSync();
  return success ? folder.at("node_modules") : undefined;
}

if (NO_GUARD !== undefined) {
  Deno.test({ name: `the clients in the guard (skipped: ${NO_GUARD})`, ignore: true, fn: () => {} });
} else {
  clientTest(
    "the real claude does real work in the guard: npm, a suite with a server, git gc",
    "claude",
    async (found) => {
      const tools = [inSession("suite", SUITE), inSession("git", GIT)];
      await using model = await startFakeModel(found.fakeModel, scenario(tools));
      using project = new TempProject({ ...claudeEnvironment(found.path, model), ...GUARDED });
      const { code, stdout, stderr } = await project.run(RUN);
      assert.equal(code, 20, stdout + stderr);
      const output = (name: string) => Deno.readTextFileSync(join(project.sessionFolder(), `${name}.txt`));
      assert.match(output("suite"), /SUITE-PASSED\n$/);
      assert.match(output("git"), /GIT-WORKED\n$/);
      assert.doesNotMatch(output("git"), /^fatal: /m);
      assert.match(project.git("log", "--format=%s", "work"), /^Add a package$/m);
      assert.equal(project.git("log", "--format=%s", "main"), "Begin");
      assert.equal(project.git("status", "--short"), "");
    },
  );

  clientTest(
    "the real claude's file tools reach worktree and session, and nothing else, without the guard",
    "claude",
    async (found) => {
      const write = (path: string) => ({ write: { path, content: "written" } });
      const outside = [
        "{{W}}/../../repo/README.md",
        "{{W}}/../../home/.bashrc",
        "{{S}}/_logs/forged.jsonl",
        "{{S}}/_qa.md",
      ];
      await using model = await startFakeModel(
        found.fakeModel,
        scenario([...outside.map(write), write("{{W}}/new.txt")]),
      );
      using project = new TempProject(claudeEnvironment(found.path, model));
      const { code, stdout, stderr } = await project.run(RUN);
      assert.equal(code, 20, stdout + stderr);
      const at = (...path: readonly string[]) => {
        try {
          return Deno.readTextFileSync(join(project.root, ...path));
        } catch {
          return "nothing";
        }
      };
      assert.equal(at("worktrees", "work", "new.txt"), "written");
      assert.equal(Deno.readTextFileSync(join(project.sessionFolder(), "_qa.md")), "written");
      assert.equal(at("repo", "README.md"), "# demo\n");
      assert.equal(at("home", ".bashrc"), "nothing");
      assert.throws(() => Deno.statSync(join(project.sessionFolder(), "_logs", "forged.jsonl")), Deno.errors.NotFound);
      assert.equal(project.events().filter(({ type }) => type === "agent.denied").length > 0, true);
    },
  );

  slowClientTest("the real claude runs a browser and a language server in the guard", "claude", async (found, test) => {
    using folder = new TempFolder();
    const path = packages(folder);
    if (path === undefined) return void await test.step({ name: "npm cannot be reached", ignore: true, fn: () => {} });
    const hasBrowser = new Deno.Command("sh", { args: ["-c", "test -x /usr/bin/chromium"] }).outputSync().success;
    const given = (script: string) => `PACKAGES=${path}\n${script}`;
    const tools = [
      inSession("server", given(LANGUAGE_SERVER)),
      ...(hasBrowser ? [inSession("browser", given(BROWSER))] : []),
    ];
    await using model = await startFakeModel(found.fakeModel, scenario(tools));
    using project = new TempProject({
      ...claudeEnvironment(found.path, model),
      ...GUARDED,
      SAMOCODE_GUARD_WRITABLE: folder.path,
    });
    const { code, stdout, stderr } = await project.run(RUN);
    assert.equal(code, 20, stdout + stderr);
    const output = (name: string) => Deno.readTextFileSync(join(project.sessionFolder(), `${name}.txt`));
    assert.match(output("server"), /FOUND/);
    if (hasBrowser) assert.match(output("browser"), /TITLE seen/);
    else await test.step({ name: "no /usr/bin/chromium", ignore: true, fn: () => {} });
  });
}

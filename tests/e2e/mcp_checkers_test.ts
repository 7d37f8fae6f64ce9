/**
 * The server before the checkers that the protocol's own project publishes: the Inspector on stdio, and the conformance
 * suite over HTTP, which the suite needs and the product does not have.
 *
 * @module
 */
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from "@modelcontextprotocol/server";
import assert from "node:assert/strict";
import { join } from "node:path";
import { createHost } from "../../mcp/tool.ts";
import { createServer } from "../../mcp/server.ts";
import { checkerTest } from "../helpers/find_clients.ts";
import { programUnderTest, ROOT } from "../helpers/program_under_test.ts";
import { McpProject } from "../mcp/mcp_client.ts";

/** How the server is started. */
function server(): readonly string[] {
  return [...programUnderTest(), "mcp"];
}

/** A project with a session that waits for answers. */
async function projectWithSession(): Promise<McpProject> {
  const project = new McpProject();
  const { code, stderr } = await project.run(["run", "--session", "top", "--task", "Add --top"], {
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_DEMO_PACE: "0",
  });
  assert.equal(code, 10, stderr);
  return project;
}

async function runChecker(
  [program, ...before]: readonly [string, ...string[]],
  { args, project }: { readonly args: readonly string[]; readonly project: McpProject },
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...before, ...args],
    cwd: project.root,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: join(project.root, "home"), TMPDIR: project.root },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const era of ["legacy", "modern"] as const) {
  checkerTest(
    `the Inspector finds nothing wrong with the tools' schemas in the ${era} era, and reads all else`,
    "inspector",
    async (inspector) => {
      using project = await projectWithSession();
      const denoDir = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno");
      const ask = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await runChecker(inspector, {
          project,
          args: [
            ...["--cli", "-e", `DENO_DIR=${denoDir}`, "--protocol-era", era, "--format", "json", "--quiet"],
            ...args,
            ...["--", ...server()],
          ],
        });
        // Where a call is refused, another line on what that means goes to standard error.
        return { code, stderr, result: JSON.parse(stdout || "{}").result };
      };

      const { result: { tools }, ...lint } = await ask("--method", "tools/list", "--strict");
      assert.deepEqual(lint, { code: 0, stderr: "" });
      assert.equal(tools.length, 10);

      const status = await ask("--method", "tools/call", "--tool-name", "read_status", "--tool-arg", "session=top");
      assert.deepEqual([status.code, status.stderr], [0, ""]);
      const { state, needs } = status.result.structuredContent;
      assert.deepEqual({ state, needs }, { state: "waiting", needs: "answers" });

      const refused = await ask("--method", "tools/call", "--tool-name", "read_status", "--tool-arg", "session=nope");
      assert.equal(refused.code, 5, refused.stderr);
      assert.match(refused.result.content[0].text, /Cannot find a session called nope/);

      const lists = await Promise.all(
        ["resources/list", "resources/templates/list", "prompts/list"].map((method) => ask("--method", method)),
      );
      assert.deepEqual(lists.map(({ code, stderr }) => ({ code, stderr })), Array(3).fill({ code: 0, stderr: "" }));
      const [resources, templates, prompts] = lists.map(({ result }) => result);
      assert.deepEqual(
        [
          ...resources.resources.map(({ uri }: { uri: string }) => uri),
          ...templates.resourceTemplates.map(({ uriTemplate }: { uriTemplate: string }) => uriTemplate),
          ...prompts.prompts.map(({ name }: { name: string }) => name),
        ],
        [
          ...["samocode://sessions/top", "samocode://sessions/{session}", "samocode://sessions/{session}/{file}"],
          ...["status", "follow"],
        ],
      );
    },
  );
}

/** Checks that call a tool which only a test server has; the suite counts them as failed, and says why. */
const NOT_TESTABLE = /^Not testable: server does not list the diagnostic tool /;

/** By the protocol's version, the suite's scenarios that any server can be put to; all others want its own fixtures. */
const FIXTURE_FREE: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
    "server-sse-multiple-streams",
    "server-session-lifecycle",
    "server-sse-polling",
  ],
  "2026-07-28": [
    "server-stateless",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
  ],
};

/** Those that have nothing to check where HTTP is served without sessions. */
const IDLE: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": ["server-sse-multiple-streams", "server-session-lifecycle", "server-sse-polling"],
};

/** What the suite found in one scenario. */
interface Verdict {
  readonly scenario: string;
  readonly passed: number;
  readonly failures: readonly string[];
}

for (const [version, scenarios] of Object.entries(FIXTURE_FREE)) {
  checkerTest(
    `the conformance suite of ${version} passes wherever it wants no fixtures, and every frame fits the schema`,
    "conformance",
    async (conformance) => {
      using project = await projectWithSession();
      await using http = serveHttp(project);
      const output = join(project.root, "verdicts");
      const { stdout, stderr } = await runChecker(conformance, {
        project,
        args: ["server", "--url", http.url, "--requirements", version, "--output-dir", output],
      });
      const verdicts = readVerdicts(output);
      const found = scenarios.map((name) => verdicts.find(({ scenario }) => scenario === name));
      assert.deepEqual(
        found.map((verdict) => verdict?.failures ?? "not run"),
        scenarios.map(() => []),
        stdout + stderr,
      );
      const idle = found.flatMap((verdict) => verdict?.passed === 0 ? [verdict.scenario] : []);
      assert.deepEqual(idle, IDLE[version] ?? []);
      const misshapen = verdicts.flatMap(({ failures }) => failures.filter((name) => name.startsWith("wire-schema")));
      assert.deepEqual(misshapen, []);
    },
  );
}

/** What the suite wrote down, but for what it could not test. */
function readVerdicts(output: string): readonly Verdict[] {
  return [...Deno.readDirSync(output)].map(({ name }) => {
    const checks: readonly { readonly id: string; readonly status: string; readonly errorMessage?: string }[] = JSON
      .parse(Deno.readTextFileSync(join(output, name, "checks.json")));
    const failed = checks.filter(({ status, errorMessage = "" }) =>
      status === "FAILURE" && !NOT_TESTABLE.test(errorMessage)
    );
    return {
      scenario: name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, ""),
      passed: checks.filter(({ status }) => status === "SUCCESS").length,
      failures: failed.map(({ id, errorMessage = "" }) => `${id}: ${errorMessage}`),
    };
  });
}

/** Serves the same server as on stdio over HTTP, with the checks that the protocol asks of a local one. */
function serveHttp(project: McpProject): AsyncDisposable & { readonly url: string } {
  const host = createHost({
    env: { HOME: join(project.root, "home") },
    workingDirectory: project.root,
    project: undefined,
    config: undefined,
    self: server().slice(0, -1),
    shippedRoot: ROOT,
    version: "0.0.0",
    writeError: () => {},
  });
  const handler = createMcpHandler(() => createServer(host));
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
        originValidationResponse(request, localhostAllowedOrigins()) ??
        // Deno's own signal also fires where all went well, and warns of that; a stream whose reader goes is cancelled.
        handler.fetch(new Request(request.url, withoutSignal(request))),
  );
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    async [Symbol.asyncDispose](): Promise<void> {
      await handler.close();
      await listener.shutdown();
    },
  };
}

function withoutSignal({ method, headers, body }: Request): RequestInit {
  return { method, headers, body };
}

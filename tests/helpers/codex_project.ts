/**
 * A project whose Codex is kept from the real world, for the end-to-end tests.
 *
 * @module
 */
import { programUnderTest } from "./program_under_test.ts";
import { TempFolder } from "./temp_folder.ts";
import { TempProject } from "./temp_project.ts";

/** What Codex takes for its model's service. */
export interface Service {
  readonly url: string;
  /** How often Codex repeats a request; its own choice if absent. */
  readonly retries?: number;
}

/** A project whose Codex talks to the scripted model and to nobody else, and has a folder of its own. */
export class CodexProject extends TempProject {
  readonly #codexHome: TempFolder;

  constructor(
    { path }: { readonly path: string },
    model: Service,
    env: Readonly<Record<string, string>> = {},
    program = programUnderTest(),
  ) {
    const codexHome = new TempFolder();
    const own = { SAMOCODE_PROVIDER: "codex", CODEX_PATH: path, CODEX_HOME: codexHome.path, FAKE_KEY: "fake" };
    super({ ...own, ...env }, program);
    codexHome.file("config.toml", configFor(model));
    this.#codexHome = codexHome;
  }

  /** What Codex keeps. */
  codexFiles(): readonly string[] {
    return this.#codexHome.names();
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#codexHome[Symbol.dispose]();
  }
}

function configFor({ url, retries }: Service): string {
  return `
model = "gpt-5.5-codex"
model_provider = "fake"
check_for_update_on_startup = false

[model_providers.fake]
name = "fake"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "FAKE_KEY"
${retries === undefined ? "" : `request_max_retries = ${retries}\nstream_max_retries = ${retries}\n`}
[analytics]
enabled = false

# The project lies in the temporary folder; without these all of it could be written.
[sandbox_workspace_write]
exclude_slash_tmp = true
exclude_tmpdir_env_var = true
`;
}

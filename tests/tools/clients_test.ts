import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENT_PINS, clientFolder, clientProgram } from "../../tools/client_pins.ts";
import { installClients, isInstalled } from "../../tools/clients.ts";

/** A program that stands in for npm: writes clients that answer with the version they were asked for. */
const NPM = `#!/bin/sh
echo run >> "$(dirname "$0")/runs"
for last; do :; done
version="\${last##*@}"
mkdir -p node_modules/.bin
for name in claude codex; do
  printf '#!/bin/sh\\necho "%s (client)"\\n' "$version" > node_modules/.bin/$name
  chmod +x node_modules/.bin/$name
done
`;

function withNpm(
  script: string,
): Disposable & { readonly npm: string; readonly clients: string; readonly env: { XDG_CACHE_HOME: string } } {
  const root = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  const npm = join(root, "npm");
  Deno.writeTextFileSync(npm, script, { mode: 0o755 });
  return {
    npm,
    clients: join(root, "cache/samocode/clients"),
    env: { XDG_CACHE_HOME: join(root, "cache") },
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

const FOLDERS = [`claude-${CLIENT_PINS.claude.version}`, `codex-${CLIENT_PINS.codex.version}`];

function names(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("installClients() installs each client into a folder of its own, once", async () => {
  using machine = withNpm(NPM);
  const { npm, env, clients } = machine;
  const lines: string[] = [];
  const write = (line: string): number => lines.push(line);
  await installClients({ env, npm, write });
  await installClients({ env, npm, write });
  const [claude, codex] = [clientFolder("claude", clients), clientFolder("codex", clients)];
  assert.deepEqual(lines, [
    `claude ${CLIENT_PINS.claude.version}: fetching`,
    `claude ${CLIENT_PINS.claude.version}: installed, ${claude}`,
    `codex ${CLIENT_PINS.codex.version}: fetching`,
    `codex ${CLIENT_PINS.codex.version}: installed, ${codex}`,
    `claude ${CLIENT_PINS.claude.version}: there already, ${claude}`,
    `codex ${CLIENT_PINS.codex.version}: there already, ${codex}`,
  ]);
  assert.deepEqual(names(clients), FOLDERS);
  assert.equal(Deno.readTextFileSync(join(npm, "../runs")), "run\nrun\n");
});

Deno.test("installClients() replaces a client that does not answer with its version", async () => {
  using machine = withNpm(NPM);
  const { npm, env, clients } = machine;
  const folder = clientFolder("claude", clients);
  Deno.mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  Deno.writeTextFileSync(clientProgram("claude", folder), "#!/bin/sh\necho 1.0.0\n", { mode: 0o755 });
  assert.equal(await isInstalled("claude", folder), false);
  await installClients({ env, npm, write: () => {} });
  assert.equal(await isInstalled("claude", folder), true);
});

Deno.test("installClients() leaves nothing behind when npm fails, and says what npm said", async () => {
  using machine = withNpm("#!/bin/sh\necho 'the registry is closed' >&2\nexit 7\n");
  const { npm, env, clients } = machine;
  await assert.rejects(installClients({ env, npm, write: () => {} }), {
    name: "SamocodeError",
    message: `Cannot fetch claude ${CLIENT_PINS.claude.version}: npm ended with 7\nthe registry is closed\n`,
    hint: "Check the network and npm's own settings, then run the task again",
  });
  assert.deepEqual(names(clients), []);
});

Deno.test("installClients() refuses a client that npm installed but that does not run", async () => {
  using machine = withNpm("#!/bin/sh\nexit 0\n");
  const { npm, env, clients } = machine;
  await assert.rejects(
    installClients({ env, npm, write: () => {} }),
    /^SamocodeError: Cannot use claude: it does not answer/,
  );
  assert.deepEqual(names(clients), []);
});

Deno.test("installClients() says that npm is missing", async () => {
  using machine = withNpm("");
  const { npm, env } = machine;
  await assert.rejects(installClients({ env, npm: `${npm}-is-not-here`, write: () => {} }), {
    message: `Cannot fetch claude ${CLIENT_PINS.claude.version}: ${npm}-is-not-here does not start`,
  });
});

Deno.test("installClients() needs to know where caches go", async () => {
  await assert.rejects(installClients({ env: {}, write: () => {} }), {
    message: "Cannot place the clients: neither HOME nor XDG_CACHE_HOME is set",
  });
});

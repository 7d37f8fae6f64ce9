import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENT_NAMES, CLIENT_PINS, clientFolder, clientProgram } from "../../tools/client_pins.ts";
import { installClients, isInstalled } from "../../tools/clients.ts";

/** A program that stands in for npm: writes clients that answer with the version they were asked for. */
const NPM = `#!/bin/sh
echo run >> "$(dirname "$0")/runs"
for last; do :; done
version="\${last##*@}"
mkdir -p node_modules/.bin
for name in claude codex inspector conformance; do
  printf '#!/bin/sh\\necho "%s (client)"\\n' "$version" > node_modules/.bin/$name
done
printf '#!/bin/sh\\n[ "$1" = --version ] || exec "$@"\\necho v%s\\n' "$version" > node_modules/.bin/node
chmod +x node_modules/.bin/*
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

const FOLDERS = CLIENT_NAMES.map((name) => `${name}-${CLIENT_PINS[name].version}`).sort();

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
  const title = (name: typeof CLIENT_NAMES[number]): string => `${name} ${CLIENT_PINS[name].version}`;
  assert.deepEqual(lines, [
    ...CLIENT_NAMES.flatMap((name) => [
      `${title(name)}: fetching`,
      `${title(name)}: installed, ${clientFolder(name, clients)}`,
    ]),
    ...CLIENT_NAMES.map((name) => `${title(name)}: there already, ${clientFolder(name, clients)}`),
  ]);
  assert.deepEqual(names(clients), FOLDERS);
  assert.equal(Deno.readTextFileSync(join(npm, "../runs")), "run\n".repeat(CLIENT_NAMES.length));
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

Deno.test("isInstalled() asks a checker through the pinned Node.js, not through the machine's own", async () => {
  using machine = withNpm(NPM);
  const { npm, env, clients } = machine;
  await installClients({ env, npm, write: () => {} });
  const folder = clientFolder("inspector", clients);
  assert.equal(await isInstalled("inspector", folder), true);
  Deno.removeSync(clientFolder("node", clients), { recursive: true });
  assert.equal(await isInstalled("inspector", folder), false);
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

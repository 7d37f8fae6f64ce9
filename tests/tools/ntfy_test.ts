import assert from "node:assert/strict";
import { fetchNtfy, NTFY_VERSION, ntfyProgram } from "../../tools/ntfy.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

/** Programs in the place of apt and dpkg. */
function machine(apt: string): Disposable & { folder: TempFolder; fetch: () => Promise<readonly string[]> } {
  const folder = new TempFolder();
  const script = (name: string, text: string): string => {
    const path = folder.file(name, `#!/bin/sh\n${text}\n`);
    Deno.chmodSync(path, 0o755);
    return path;
  };
  const options = {
    env: { XDG_CACHE_HOME: folder.at("cache") },
    apt: script("apt", apt),
    dpkg: script("dpkg", 'mkdir -p "$3/usr/bin" && cp "$2" "$3/usr/bin/ntfy"'),
    keyring: folder.file("keys", ""),
  };
  return {
    folder,
    async fetch(): Promise<readonly string[]> {
      const lines: string[] = [];
      await fetchNtfy({ ...options, write: (line) => void lines.push(line) });
      return lines.map((line) => line.replaceAll(folder.path, "~"));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const TITLE = `ntfy ${NTFY_VERSION}`;
const PLACE = `~/cache/samocode/clients/ntfy-${NTFY_VERSION}`;

Deno.test("fetchNtfy() unpacks Debian's package from the archive that apt uses, once", async () => {
  using place = machine(`
case "$*" in
  *indextargets*) printf 'http://a.example/debian-security/\\nhttp://a.example/debian/\\n' ;;
  *update*) cat "\${3#*=}" > ../sources ;;
  *download*) echo program > ntfy_1.deb ;;
esac`);
  assert.deepEqual(await place.fetch(), [`${TITLE}: fetching`, `${TITLE}: installed, ${PLACE}`]);
  assert.deepEqual(await place.fetch(), [`${TITLE}: there already, ${PLACE}`]);
  const program = ntfyProgram({ XDG_CACHE_HOME: place.folder.at("cache") }) ?? "";
  assert.equal(Deno.readTextFileSync(program), "program\n");
  const clients = place.folder.names("cache", "samocode", "clients");
  assert.deepEqual(clients, [`ntfy-${NTFY_VERSION}`, "sources"]);
  assert.match(
    Deno.readTextFileSync(place.folder.at("cache", "samocode", "clients", "sources")),
    /^deb \[signed-by=.*keys\] http:\/\/a\.example\/debian\/ trixie main\n$/,
  );
});

Deno.test("fetchNtfy() reports that apt has no Debian archive, and leaves nothing behind after a failure", async () => {
  using without = machine("exit 1");
  assert.deepEqual(await without.fetch(), [`${TITLE}: skipped, it comes from Debian's archive by apt-get`]);
  using broken = machine(
    'case "$*" in *indextargets*) echo http://a.example/debian/ ;; *) echo no route >&2; exit 100 ;; esac',
  );
  await assert.rejects(broken.fetch(), /^SamocodeError: Cannot fetch ntfy: .* ended with 100\nno route/);
  assert.deepEqual(broken.folder.names("cache", "samocode", "clients"), []);
});

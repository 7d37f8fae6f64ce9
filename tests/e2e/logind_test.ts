/**
 * The lock against sleep, with the real systemd-inhibit and a real systemd-logind on a bus of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";

const LOGIND = "/usr/lib/systemd/systemd-logind";

/** Runs the command that it is given twice, and kills it the second time, as soon as there is a lock. */
const SCRIPT = `set -e
mkdir -p /run/systemd/seats /run/systemd/inhibit /run/systemd/users /run/systemd/sessions
cat > /run/bus.conf <<END
<busconfig><type>system</type><listen>unix:path=/run/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
<allow receive_type="signal"/></policy></busconfig>
END
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile &
until [ -S /run/bus ]; do sleep 0.05; done
${LOGIND} &
until systemd-inhibit --list; do sleep 0.1; done
"$@" || true
systemd-inhibit --list > after
"$@" &
worker=$!
until systemd-inhibit --list | grep -q samocode; do sleep 0.05; done
kill -9 $worker
until systemd-inhibit --list | grep -q 'No inhibitors'; do sleep 0.05; done
touch released
`;

const AGENT = `until systemd-inhibit --list | grep -q samocode; do sleep 0.1; done
if [ -e "$root/after" ]; then sleep 300; fi
systemd-inhibit --list > "$root/working"
echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

const missing = [LOGIND, "/usr/bin/systemd-inhibit", "/usr/bin/dbus-daemon", "/usr/bin/bwrap"].filter((path) =>
  !isThere(path)
);
const lack = Deno.build.os !== "linux" || Deno.uid() !== 0 ? "root on Linux" : missing[0];

Deno.test({
  name: "systemd-logind lends a lock while an agent works, and has it back at once after kill -9" +
    (lack === undefined ? "" : ` (skipped: needs ${lack})`),
  ignore: lack !== undefined,
  fn: async () => {
    using project = hostileProject(AGENT);
    const script = join(project.root, "script.sh");
    Deno.writeTextFileSync(script, SCRIPT);
    // A program of the system's sees neither this machine's /run nor its devices.
    const place = ["--dev-bind", "/", "/", "--tmpfs", "/run", "--dev", "/dev", "--unshare-pid", "--proc", "/proc"];
    const command = [...programUnderTest(), "run", "--session", "own", "--task", "Work"];
    const { stdout, stderr } = await new Deno.Command("bwrap", {
      args: [...place, "--die-with-parent", "sh", script, ...command],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env },
      stdin: "null",
      signal: AbortSignal.timeout(60_000),
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(isThere(join(project.root, "released")), said);
    assert.match(read("working"), /^samocode .* systemd-inhibit +sleep:idle An agent is working block$/m);
    assert.match(read("after"), /No inhibitors/);

    function read(name: string): string {
      return Deno.readTextFileSync(join(project.root, name));
    }
  },
});

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

import assert from "node:assert/strict";
import { fleetKey, namesFleet, parseFleetAddress, readFleetAddress } from "../../src/fleet/address.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const PASSWORD = "s3cret-pass";

function refusal(text: string): SamocodeError {
  try {
    parseFleetAddress(text);
  } catch (error) {
    if (error instanceof SamocodeError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

Deno.test("parseFleetAddress() checks certificate and name of every server elsewhere", () => {
  assert.deepEqual(parseFleetAddress(`postgres://me:${PASSWORD}@db.example.org/fleet`), {
    host: "db.example.org",
    port: 5432,
    database: "fleet",
    user: "me",
    password: PASSWORD,
    tls: { rootFile: undefined },
    shown: "me@db.example.org:5432/fleet",
  });
  const own = parseFleetAddress("postgresql://db:6000/f?sslmode=verify-full&sslrootcert=/etc/ca.crt");
  assert.deepEqual([own.port, own.user, own.password, own.tls], [6000, undefined, undefined, {
    rootFile: "/etc/ca.crt",
  }]);
  assert.deepEqual(parseFleetAddress("postgres://db/f?sslrootcert=system").tls, { rootFile: undefined });
  assert.equal(parseFleetAddress("postgres://me:p%40ss%2Fx@db/f").password, "p@ss/x");
});

Deno.test("parseFleetAddress() goes without TLS only where nothing leaves the machine", () => {
  for (const host of ["localhost", "127.0.0.1", "127.8.0.1", "[::1]"]) {
    assert.equal(parseFleetAddress(`postgres://me@${host}/f`).tls, undefined, host);
    assert.equal(parseFleetAddress(`postgres://me@${host}/f?sslmode=disable`).tls, undefined, host);
    assert.deepEqual(parseFleetAddress(`postgres://me@${host}/f?sslmode=verify-full`).tls, { rootFile: undefined });
  }
  const socket = parseFleetAddress("postgres:///f?host=/var/run/postgresql");
  assert.deepEqual([socket.host, socket.tls], ["/var/run/postgresql", undefined]);
  assert.equal(parseFleetAddress("postgres://me@%2Fvar%2Frun/f").host, "/var/run");
  for (const host of ["127.0.0.1.evil.org", "localhost.evil.org", "10.0.0.1"]) {
    assert.notEqual(parseFleetAddress(`postgres://me@${host}/f`).tls, undefined, host);
  }
});

Deno.test("parseFleetAddress() refuses weaker modes and what it does not know, and never shows the password", () => {
  const strange: readonly (readonly [address: string, why: RegExp])[] = [
    ...["disable", "allow", "prefer", "require", "verify-ca", ""].map((mode) =>
      [`postgres://me:${PASSWORD}@db/f?sslmode=${mode}`, /sslmode=.* does not verify the server/] as const
    ),
    [`postgres://me:${PASSWORD}@localhost/f?sslmode=require`, /sslmode=require/],
    [`postgres://me:${PASSWORD}@db/f?options=-cx`, /the parameter options is not supported/],
    [`postgres://me:${PASSWORD}@db/f?sslrootcert=ca.crt`, /not an absolute path/],
    [`postgres://me:${PASSWORD}@db/`, /it has no database/],
    [`postgres://me:${PASSWORD}@db/a/b`, /it has no database/],
    [`postgres:///f?x=${PASSWORD}`, /parameter x/],
    [`postgres:///f`, /it has no host/],
    [`mysql://me:${PASSWORD}@db/f`, /not a postgres:\/\/ URL/],
    [`me:${PASSWORD}@db/f`, /not a postgres:\/\/ URL/],
    [`postgres://me:${PASSWORD}@db:99999/f`, /not a postgres:\/\/ URL/],
    [`postgres://me:${PASSWORD}%zz@db/f`, /a % that does not begin an escape/],
  ];
  for (const [address, why] of strange) {
    const { code, message, hint, stack, cause } = refusal(address);
    assert.equal(code, "usage");
    assert.match(message, why);
    assert.notEqual(hint, "");
    assert.doesNotMatch([message, hint, stack, Deno.inspect(cause)].join(), /s3cret/, address);
  }
});

Deno.test("readFleetAddress() takes the environment's address before that of the user's own .env", () => {
  using temp = new TempFolder();
  const env = { HOME: temp.path, XDG_CONFIG_HOME: temp.at("config") };
  assert.equal(namesFleet(env), false);
  assert.throws(() => readFleetAddress(env), /SAMOCODE_FLEET is not set/);
  temp.folder("config", "samocode");
  temp.file("config/samocode/.env", `SAMOCODE_FLEET=postgres://me:${PASSWORD}@db/f\n`);
  assert.equal(readFleetAddress(env).shown, "me@db:5432/f");
  assert.equal(readFleetAddress({ ...env, SAMOCODE_FLEET: "postgres://other/g" }).shown, "other:5432/g");
  assert.equal(namesFleet({ ...env, SAMOCODE_FLEET: " " }), true);
});

Deno.test("fleetKey() tells databases apart, and not who asks", () => {
  const key = (text: string): string => fleetKey(parseFleetAddress(text));
  assert.equal(key("postgres://a:b@DB/f"), key("postgres://c@db:5432/f?sslrootcert=/ca"));
  const others = ["postgres://db2/f", "postgres://db:5433/f", "postgres://db/g"].map(key);
  assert.equal(new Set([key("postgres://db/f"), ...others]).size, 4);
  assert.match(key("postgres://db/f"), /^[0-9a-f]{12}$/);
});

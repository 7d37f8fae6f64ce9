import assert from "node:assert/strict";
import { packagesIn, withoutPlaces } from "../../tools/bundle.ts";

const FOLDERS = [
  "/root/.cache/deno/npm/",
  "../../../home/npm/deno/npm/",
  "/opt/npm/deno/2.9.6/cache/npm/",
  "/a b/npm/",
  "npm/",
];

const REGISTRIES = ["registry.example", "127.0.0.1_4873", "host/artifactory/api/npm/all", "host/npm"];

Deno.test("withoutPlaces() tells of an npm module neither where it lay nor from which registry it came", () => {
  for (const folder of FOLDERS) {
    for (const registry of REGISTRIES) {
      const place = `${folder}${registry}`;
      assert.equal(
        withoutPlaces(`
// ${place}/leven/4.1.0/index.js
// ${place}/@a/b/2.4.0-beta.1/dist/npm/c.mjs
  "${place}/dotenv/18.0.10_1/dist/index.cjs"(exports, module) {
// src/npm.ts
x = "${place}/said/1.0.0/by/a/program";
`),
        `
// npm/leven/4.1.0/index.js
// npm/@a/b/2.4.0-beta.1/dist/npm/c.mjs
  "npm/dotenv/18.0.10_1/dist/index.cjs"(exports, module) {
// src/npm.ts
x = "${place}/said/1.0.0/by/a/program";
`,
        place,
      );
    }
  }
});

Deno.test("packagesIn() tells how much of a part is packages", () => {
  assert.equal(packagesIn("// npm/a/1.0.0/x.js\n".padEnd(299, "a") + "\n// src/b.ts\n".padEnd(101, "b")), 0.75);
  assert.equal(packagesIn('import "./chunk-1.js";\n// src/b.ts\nb();\n'), 0);
  assert.equal(packagesIn(""), 0);
});

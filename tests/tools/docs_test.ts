import assert from "node:assert/strict";
import { fillRegions, table } from "../../tools/docs.ts";

Deno.test("fillRegions() replaces each region by its text, changes nothing else, and can be repeated", () => {
  const page =
    "# Page\n\n<!-- generated: one -->\nold\n<!-- /generated -->\n\nprose\n\n<!-- generated: two -->\n<!-- /generated -->\n";
  const filled =
    "# Page\n\n<!-- generated: one -->\n\n$1 one\n\n<!-- /generated -->\n\nprose\n\n<!-- generated: two -->\n\n$1 two\n\n<!-- /generated -->\n";
  const fill = (text: string): string => fillRegions(text, (region) => `$1 ${region}`);
  assert.equal(fill(page), filled);
  assert.equal(fill(filled), filled);
});

Deno.test("table() pads its cells and escapes bars", () => {
  assert.equal(table(["a", "long"], [["x|y", "z"]]), "| a    | long |\n| ---- | ---- |\n| x\\|y | z    |");
});

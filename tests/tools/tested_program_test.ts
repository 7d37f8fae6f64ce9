import assert from "node:assert/strict";
import { testedProgram } from "../../tools/tested_program.ts";
import { IS_BINARY } from "../helpers/program_under_test.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test({
  name: "testedProgram() makes few files of a program, which run, and removes them",
  ignore: IS_BINARY,
  async fn(): Promise<void> {
    using root = new TempFolder();
    root.file("deno.json", "{}");
    root.file("word.ts", `export const word = "staged";`);
    root.file("main.ts", `import { word } from "./word.ts";\nconsole.log(word, import.meta.filename);`);
    root.file("workflow.md", "# Shipped");
    {
      await using program = await testedProgram(root.path, assert.fail);
      const folder = program.env["SAMOCODE_TEST_STAGED"] ?? "";
      Deno.removeSync(root.at("word.ts"));
      const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", `${folder}/main.js`] }).output();
      assert.equal(new TextDecoder().decode(stdout), `staged ${folder}/main.js\n`);
      assert.equal(Deno.readTextFileSync(`${folder}/workflow.md`), "# Shipped");
    }
    assert.deepEqual(root.names("dist"), []);
  },
});

Deno.test({
  name: "testedProgram() leaves the source to the tests where it cannot be bundled, and says why",
  ignore: IS_BINARY,
  async fn(): Promise<void> {
    using root = new TempFolder();
    const said: string[] = [];
    const environment = async () => {
      await using program = await testedProgram(root.path, (line) => said.push(line));
      return program.env;
    };
    assert.deepEqual([await environment(), said], [{}, []], "no program");
    root.file("deno.json", "{}");
    root.file("main.ts", `import "./missing.ts";`);
    assert.deepEqual(await environment(), {});
    assert.match(
      said.join("\n"),
      /^The tests run the program from source: Cannot bundle the program:\n[^]*missing\.ts/,
    );
    assert.deepEqual(root.names("dist"), []);
  },
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { checkRoom, isOutOfRoom } from "../../../src/system/files/room.ts";
import { systemError } from "../../../src/text/errors.ts";
import { SmallDisk, TempFolder } from "../../helpers/temp_folder.ts";

const canMount = SmallDisk.isPossible();

Deno.test({
  name: `checkRoom() tells a full disk, leaves nothing, and is content again when there is room${
    canMount ? "" : " (skipped: this user may not mount a file system)"
  }`,
  ignore: !canMount,
  fn(): void {
    using disk = new SmallDisk(128);
    checkRoom([disk.path]);
    Deno.writeFileSync(join(disk.path, "much"), new Uint8Array(100 * 1024));
    assert.throws(() => checkRoom([disk.path]), (error: Error) => {
      assert.equal(error.message, `Cannot go on: the disk of ${disk.path} is full`);
      return isOutOfRoom(error) && isOutOfRoom(systemError("Cannot do more", { error, hint: "Do less" }));
    });
    assert.deepEqual([...Deno.readDirSync(disk.path)].map(({ name }) => name), ["much"]);
    Deno.removeSync(join(disk.path, "much"));
    checkRoom([disk.path]);
  },
});

Deno.test("checkRoom() leaves a missing folder to whoever writes there", () => {
  using folder = new TempFolder();
  checkRoom([folder.at("nowhere"), folder.path]);
  assert.deepEqual(folder.names(), []);
  assert.ok(!isOutOfRoom(new Deno.errors.NotFound("no")));
});

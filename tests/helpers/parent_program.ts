/**
 * A program that starts a session in the background, says where it stands, and lives on until it is killed.
 *
 * @module
 */
import { startSession } from "../../src/operations/start_session.ts";
import { samocodeIn } from "./background.ts";

/** Where this program lies. */
export const PARENT_PROGRAM: string = import.meta.filename ?? "";

if (import.meta.main) {
  const [root = "", session = ""] = Deno.args;
  const samocode = samocodeIn(root, Deno.env.toObject());
  const status = await startSession(samocode, {
    session,
    task: "Add --top",
    dive: "",
    provider: undefined,
    by: "a parent",
  });
  console.log(JSON.stringify(status));
  setInterval(() => {}, 60_000);
}

import assert from "node:assert/strict";
import { addressOf, readRoute, type Route } from "../../page/route.ts";

Deno.test("readRoute() reads what addressOf() wrote, whatever is searched or shown", () => {
  const texts = ["", "a b", "50%", "a/b?c#d&e=f", "ü 🙂", "%zz"];
  const routes: readonly Route[] = [
    ...texts.flatMap((search) =>
      (["all", "needs", "running", "resting"] as const).map((show): Route => ({
        view: "list",
        filter: { search, show, project: search },
      }))
    ),
    ...texts.flatMap((place) =>
      ["diff", "journal"].map((tab): Route => ({ view: "session", key: "0123456789abcdef", tab, place }))
    ),
    { view: "session", key: "0123456789abcdef", tab: "", place: "" },
  ];
  for (const route of routes) assert.deepEqual(readRoute(addressOf(route)), route);
});

Deno.test("readRoute() takes an address that nobody wrote for the list, or for a text as it stands", () => {
  const list: Route = { view: "list", filter: { search: "", show: "all", project: "" } };
  for (const hash of ["", "#", "#/", "#/s", "#/s/", "#/x/y", "#key", "#/?show=nonsense"]) {
    assert.deepEqual(readRoute(hash), list, hash);
  }
  assert.deepEqual(readRoute("#/s/k/diff/%zz"), { view: "session", key: "k", tab: "diff", place: "%zz" });
});

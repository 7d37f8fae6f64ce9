/**
 * Where the page is: the part of the address behind `#`.
 *
 * @module
 */
/** What the list shows. */
export interface Filter {
  readonly search: string;
  readonly show: "all" | "needs" | "running" | "resting";
  /** Empty for all. */
  readonly project: string;
}

/** A view of the page. */
export type Route =
  | { readonly view: "list"; readonly filter: Filter }
  | { readonly view: "session"; readonly key: string; readonly tab: string; readonly place: string };

/** What shows all sessions. */
export const NO_FILTER: Filter = { search: "", show: "all", project: "" };

/** Reads an address. What is unknown is the list. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const [, key, tab = "", ...place] = /^\/s\//.test(path) ? path.slice(1).split("/") : [];
  if (key !== undefined && key !== "") return { view: "session", key, tab, place: decoded(place.join("/")) };
  const asked = new URLSearchParams(query);
  const show = asked.get("show");
  return {
    view: "list",
    filter: {
      search: asked.get("q") ?? "",
      show: show === "needs" || show === "running" || show === "resting" ? show : "all",
      project: asked.get("project") ?? "",
    },
  };
}

/** The address of a view. */
export function addressOf(route: Route): string {
  if (route.view === "session") {
    const { key, tab, place } = route;
    return `#/s/${key}${tab === "" ? "" : `/${tab}`}${place === "" ? "" : `/${encodeURIComponent(place)}`}`;
  }
  const { search, show, project } = route.filter;
  const asked = new URLSearchParams({
    ...(search !== "" && { q: search }),
    ...(show !== "all" && { show }),
    ...(project !== "" && { project }),
  });
  return asked.size === 0 ? "#/" : `#/?${asked}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

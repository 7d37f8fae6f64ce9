/**
 * From one view to another.
 *
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { addressOf, readRoute, type Route } from "./route.ts";

/** Goes to a view. Without `adds` the browser's way back leads past this one. */
export function goTo(route: Route, { adds = true }: { readonly adds?: boolean } = {}): void {
  if (adds) location.hash = addressOf(route);
  else {
    history.replaceState(null, "", addressOf(route));
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** The view that the address names. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = (): void => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

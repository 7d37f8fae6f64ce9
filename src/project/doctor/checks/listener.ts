/**
 * Checks that the user gets notifications: the listener, its channels, and what it could not deliver.
 *
 * @module
 */
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import { livingListener } from "../../../session/listener_record.ts";
import { readSubscriptions } from "../../../session/subscriptions.ts";
import { formatCount, localMoment } from "../../../text/format.ts";
import { stateFolder } from "../../../system/user_folders.ts";
import type { Check } from "../check.ts";

/** Checks the listener. */
export const listener: Check = {
  area: "listener",
  *examine({ settings, env }): Generator<Finding> {
    if (settings === undefined) return;
    if (Object.values(settings.channels).every((set) => set === undefined)) {
      yield ok("No channel is set up, so you get no notifications. See docs/channels.md");
      return;
    }
    const state = stateFolder(env);
    const living = livingListener(state);
    if (living === undefined) {
      const count = readSubscriptions(state).length;
      yield count === 0 ? ok("Not running; the next session starts it") : warning(
        `Not running; ${formatCount(count, "session")} may be waiting for you without telling you`,
        "samocode listen",
      );
      return;
    }
    const { holder: { pid, since }, said } = living;
    const titles = said?.channels.map(({ title }) => title).join(", ") || "no channel yet";
    yield ok(`Process ${pid} has been listening since ${localMoment(since)}: ${titles}`);
    for (const { title, trouble, refusal } of said?.channels ?? []) {
      if (trouble !== "") {
        yield warning(`${title} does not work: ${trouble}`, "samocode keeps retrying; sessions continue");
      }
      if (refusal !== "") yield warning(`${title} only notifies: nobody can decide there`, refusal);
    }
    for (const { title, channel, since, because } of said?.undelivered ?? []) {
      yield warning(
        `Not delivered on ${channel} since ${localMoment(since)}: ${title}`,
        because === "" ? "samocode keeps retrying" : because,
      );
    }
  },
};

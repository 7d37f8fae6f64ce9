/**
 * Desktop notifications: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const DESKTOP_SETTINGS = {
  isOn: {
    name: "SAMOCODE_DESKTOP",
    kind: ["on", "off"],
    isNeeded: true,
    default: "off",
    help: "Desktop notifications when a session needs you; on Linux with buttons",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const desktop: Channel<typeof DESKTOP_SETTINGS> = {
  title: "Desktop",
  settings: DESKTOP_SETTINGS,
  reachedBy: ["PATH", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"],
  open: async () => (await import("./open_desktop.ts")).openDesktop,
  check: async () => (await import("./check.ts")).examineDesktop,
};

"""A desktop's notification service on the session bus, after https://specifications.freedesktop.org/notification-spec.

Writes what it is asked to show as lines of JSON, and reads what a person does: {"id": 1, "press": "0"}, or {"id": 1} for a
notification that is dismissed.
"""

import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NAME = "org.freedesktop.Notifications"


def tell(what):
    print(json.dumps(what), flush=True)


class Daemon(dbus.service.Object):
    last = 0

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        if not replaces:
            Daemon.last += 1
        shown = int(replaces or Daemon.last)
        tell({"id": shown, "replaces": int(replaces), "app": app, "summary": summary, "body": body,
              "actions": list(actions), "urgency": int(hints.get("urgency", 1)), "timeout": int(timeout),
              "isSilent": bool(hints.get("suppress-sound", False)), "pid": int(hints.get("sender-pid", 0))})
        return dbus.UInt32(shown)

    @dbus.service.method(NAME, in_signature="u")
    def CloseNotification(self, shown):
        tell({"id": int(shown), "closed": True})
        self.NotificationClosed(shown, 3)

    @dbus.service.method(NAME, out_signature="as")
    def GetCapabilities(self):
        return ["actions", "body", "body-markup"]

    @dbus.service.method(NAME, out_signature="ssss")
    def GetServerInformation(self):
        return ("test", "samocode", "1", "1.2")

    @dbus.service.signal(NAME, signature="uu")
    def NotificationClosed(self, shown, reason):
        pass

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, shown, key):
        pass


DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
name = dbus.service.BusName(NAME, bus)
daemon = Daemon(bus, "/org/freedesktop/Notifications")
loop = GLib.MainLoop()


def act(*_):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    did = json.loads(line)
    if "press" in did:
        daemon.ActionInvoked(did["id"], did["press"])
    daemon.NotificationClosed(did["id"], 2)
    return True


GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, act)
tell({"ready": True})
loop.run()

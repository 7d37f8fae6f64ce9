/**
 * The panels: tabs of a session, and the plots in its overview.
 *
 * @module
 */
import type { ComponentType } from "preact";
import type { Panel, PanelProps } from "../panel.ts";
import { Checks } from "./checks.tsx";
import { Diff } from "./diff.tsx";
import { Documents } from "./documents.tsx";
import { Journal } from "./journal.tsx";
import { Log } from "./log.tsx";
import { Timeline } from "./timeline.tsx";
import "./styles/common.css";
import "./styles/timeline.css";
import "./styles/journal.css";
import "./styles/log.css";
import "./styles/diff.css";
import "./styles/documents.css";
import "./styles/checks.css";

/** The tabs behind Overview and Plan, in order. */
export const PANELS: readonly Panel[] = [
  { name: "diff", title: "Diff", letter: "d", View: Diff },
  { name: "log", title: "Log", letter: "l", View: Log },
  { name: "documents", title: "Documents", letter: "f", View: Documents },
  { name: "checks", title: "Checks", letter: "c", View: Checks },
  { name: "journal", title: "Journal", letter: "j", View: Journal },
];

/** What the overview shows below the gate. */
export const PLOTS: readonly ComponentType<PanelProps>[] = [Timeline];

/**
 * The panels: tabs of a session, and the plots in its overview.
 *
 * @module
 */
import type { ComponentType } from "preact";
import type { Panel, PanelProps } from "../panel.ts";

/** The tabs behind Overview and Plan, in order. */
export const PANELS: readonly Panel[] = [];

/** What the overview shows below the gate. */
export const PLOTS: readonly ComponentType<PanelProps>[] = [];

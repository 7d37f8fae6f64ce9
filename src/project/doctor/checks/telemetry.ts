/**
 * Whether what receives telemetry takes it.
 *
 * @module
 */
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import type { Target } from "../../../telemetry/settings.ts";
import type { Check } from "../check.ts";

/** How long a person waits for the answer, in milliseconds. */
const WITHIN_MS = 5_000;

/** Checks it by an export of nothing, as a run sends it. */
export const telemetry: Check = {
  area: "telemetry",
  async *examine({ settings }): AsyncGenerator<Finding> {
    const { traces, metrics } = settings?.telemetry ?? {};
    for (const [what, target] of Object.entries({ Traces: traces, Metrics: metrics })) {
      if (target !== undefined) yield await tryTarget(what, target);
    }
  },
};

async function tryTarget(what: string, target: Target): Promise<Finding> {
  const { send } = await import("../../../telemetry/send.ts");
  const body = target.format === "json" ? `{"resource${what === "Traces" ? "Spans" : "Metrics"}":[]}` : "";
  const within = { ...target, timeoutMs: Math.min(target.timeoutMs, WITHIN_MS) };
  const sent = await send(within, body, { abort: AbortSignal.timeout(WITHIN_MS), hurry: AbortSignal.abort() });
  // The rest of the address may hold a key.
  const { origin } = new URL(target.url);
  return sent.ok ? ok(`${what} go to ${origin}, which takes them`) : warning(
    `${what} are lost: ${origin}: ${sent.why}`,
    "Check OTEL_EXPORTER_OTLP_ENDPOINT and its headers; sessions run anyway",
  );
}

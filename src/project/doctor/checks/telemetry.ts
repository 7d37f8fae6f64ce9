/**
 * Whether the telemetry endpoint accepts exports.
 *
 * @module
 */
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import type { Target } from "../../../telemetry/settings.ts";
import type { Check } from "../check.ts";

/** The longest wait for a response, in milliseconds. */
const WITHIN_MS = 5_000;

/** Sends an empty export to each endpoint, the same way a run does. */
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
  // The rest of the address may contain a key.
  const { origin } = new URL(target.url);
  return sent.ok ? ok(`${what} are accepted by ${origin}`) : warning(
    `${what} are lost: ${origin}: ${sent.why}`,
    "Check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS; sessions run anyway",
  );
}

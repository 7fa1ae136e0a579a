/** The statistics that follow from what was asked, whatever the clock and the kernel did. */

/** Of the connection manager and its filters. */
const managerStats =
  /^http\.fuzz\.(downstream_rq_(total|completed|[1-5]xx|http1_total|tx_reset|rx_reset|too_large|non_relative_path|failed_path_normalization|redirected_with_normalized_path|ws_on_non_ws_route|idle_timeout|max_duration_reached|timeout)|no_route|no_cluster|rq_total|rq_direct_response|rq_redirect|rs_too_large|fault\..*|cors\..*)$/;

/** Of a cluster's requests, and of its tries. */
const clusterStats =
  /^cluster\.\w+\.((?:[\w-]+\.)?upstream_rq_(\d\d\d|[1-5]xx|completed)|upstream_rq_(total|retry|retry_success|retry_overflow|retry_limit_exceeded|retry_backoff_exponential|timeout|per_try_timeout|pending_overflow|pending_failure_eject|tx_reset|rx_reset|cancelled)|retry_or_shadow_abandoned|upstream_cx_none_healthy|upstream_cx_connect_fail|membership_(total|healthy))$/;

export function comparedStats(text: string): Readonly<Record<string, number>> {
  const lines = text.split("\n").map((line) => line.split(": "));
  return Object.fromEntries(
    lines
      .filter(([name = ""]) => managerStats.test(name) || clusterStats.test(name))
      .map(([name = "", value]) => [name, Number(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

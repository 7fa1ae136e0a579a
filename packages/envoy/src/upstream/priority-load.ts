/**
 * How traffic is shared between priorities by the health of their endpoints.
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
 */

/** The endpoints of one priority, by number or weight. */
export interface PriorityHealth {
  readonly total: number;
  readonly healthy: number;
  readonly degraded: number;
  /** On their way out: they count neither as healthy nor as missing. */
  readonly excluded: number;
}

export interface PriorityOptions {
  /** Percent: so much more than its share a priority is trusted with. */
  readonly overprovisioningFactor: number;
  /** Percent of endpoints that must be healthy or degraded; below, all of them are used. 0: never. */
  readonly panicThreshold: number;
}

/** Percent of the traffic by priority; healthy and degraded sum up to 100, or to 0 when there is nobody. */
export interface PriorityLoad {
  readonly healthy: readonly number[];
  readonly degraded: readonly number[];
  readonly panic: readonly boolean[];
}

export function computePriorityLoad(
  priorities: readonly PriorityHealth[],
  options: PriorityOptions,
): PriorityLoad {
  const healthy = priorities.map((one) => availability(one.healthy, one, options));
  const degraded = priorities.map((one) => availability(one.degraded, one, options));
  const available = Math.min(100, sum(healthy) + sum(degraded));
  const panic = priorities.map((one) => available < 100 && isInPanic(one, options));
  if (panic.length > 0 && panic.every(Boolean)) return { ...shareByNumber(priorities), panic };
  if (available === 0)
    return { healthy: healthy.map(() => 0), degraded: healthy.map(() => 0), panic };
  const toHealthy = distribute(healthy, 100, available);
  const toDegraded = distribute(degraded, toHealthy.left, available);
  // Rounding leaves a few percent: they go to whoever comes first.
  const first = toHealthy.load.findIndex((load) => load > 0);
  if (first !== -1) add(toHealthy.load, first, toDegraded.left);
  else {
    const other = toDegraded.load.findIndex((load) => load > 0);
    add(toDegraded.load, other, toDegraded.left);
  }
  return { healthy: toHealthy.load, degraded: toDegraded.load, panic };
}

function availability(part: number, of: PriorityHealth, options: PriorityOptions): number {
  const counted = of.total - of.excluded;
  if (counted <= 0) return 0;
  return Math.min(100, Math.floor((options.overprovisioningFactor * part) / counted));
}

function isInPanic(one: PriorityHealth, { panicThreshold }: PriorityOptions): boolean {
  const counted = one.total - one.excluded;
  const percent = counted <= 0 ? 0 : (100 * (one.healthy + one.degraded)) / counted;
  return percent < Math.min(100, panicThreshold);
}

/** Nobody can be relied on: everybody gets a share. */
function shareByNumber(priorities: readonly PriorityHealth[]): {
  healthy: number[];
  degraded: number[];
} {
  const total = priorities.reduce((all, { total: number }) => all + number, 0);
  const healthy = priorities.map((one) =>
    total === 0 ? 0 : Math.floor((100 * one.total) / total),
  );
  if (total > 0)
    add(
      healthy,
      priorities.findIndex((one) => one.total > 0),
      100 - sum(healthy),
    );
  return { healthy, degraded: healthy.map(() => 0) };
}

function distribute(
  available: readonly number[],
  toShare: number,
  total: number,
): { load: number[]; left: number } {
  let left = toShare;
  const load = available.map((percent) => {
    const share = Math.min(left, Math.floor((percent * 100) / total));
    left -= share;
    return share;
  });
  return { load, left };
}

function add(load: number[], at: number, amount: number): void {
  if (at >= 0) load[at] = (load[at] ?? 0) + amount;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

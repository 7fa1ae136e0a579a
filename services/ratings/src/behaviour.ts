/** How a version of ratings misbehaves. The names and rates are those of the public sample's `SERVICE_VERSION` values. */
export const ratingsVersions = [
  "v1",
  "v-faulty",
  "v-delayed",
  "v-unavailable",
  "v-unhealthy",
] as const;
export type RatingsVersion = (typeof ratingsVersions)[number];

export type Answer =
  | { readonly kind: "ratings"; readonly delayMs: number }
  | { readonly kind: "unavailable" };

export interface Behaviour {
  /** What to do with the next request. */
  next(): Answer;
  readonly healthy: boolean;
}

/** v-delayed: half of the answers wait this long. */
export const delayMs = 7_000;
/** v-unavailable: in service and out of it in turn. */
export const unavailablePeriodMs = 60_000;
/** v-unhealthy: the same, and the health check says so. */
export const unhealthyPeriodMs = 900_000;

export function parseRatingsVersion(value: string | undefined): RatingsVersion {
  if (value === undefined || value === "") return "v1";
  const version = ratingsVersions.find((known) => known === value);
  if (version) return version;
  throw new Error(`SERVICE_VERSION is "${value}": allowed are ${ratingsVersions.join(", ")}`);
}

/** `now` in milliseconds from any origin, `random` in [0, 1). */
export function createBehaviour(
  version: RatingsVersion,
  { now, random }: { readonly now: () => number; readonly random: () => number },
): Behaviour {
  const start = now();
  const isOut = (periodMs: number) => Math.floor((now() - start) / periodMs) % 2 === 1;
  const ratings = (ms = 0): Answer => ({ kind: "ratings", delayMs: ms });
  const unavailable: Answer = { kind: "unavailable" };
  switch (version) {
    case "v1":
      return { next: () => ratings(), healthy: true };
    case "v-faulty":
      return { next: () => (random() < 0.5 ? unavailable : ratings()), healthy: true };
    case "v-delayed":
      return { next: () => ratings(random() < 0.5 ? delayMs : 0), healthy: true };
    case "v-unavailable":
      return { next: () => (isOut(unavailablePeriodMs) ? unavailable : ratings()), healthy: true };
    case "v-unhealthy":
      return {
        next: () => (isOut(unhealthyPeriodMs) ? unavailable : ratings()),
        get healthy() {
          return !isOut(unhealthyPeriodMs);
        },
      };
  }
}

/** Asks the ratings service for the stars of a product; never throws, since reviews answers without stars rather than not at all. */
import type { Ratings } from "./reviews-answer.ts";

export interface RatingClientOptions {
  readonly fetch: typeof fetch;
  /** e.g. http://ratings:9080 */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/** Undefined when ratings did not answer well in time; the log says why. */
export async function fetchRatings(
  productId: string,
  { fetch, baseUrl, timeoutMs, log }: RatingClientOptions,
): Promise<Ratings | undefined> {
  const url = `${baseUrl}/ratings/${encodeURIComponent(productId)}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) {
      await response.body?.cancel();
      log(`${url} answered ${response.status}`);
      return undefined;
    }
    const body = (await response.json()) as { readonly ratings?: Ratings };
    return body.ratings ?? {};
  } catch (error) {
    log(`${url} failed: ${describe(error)}`);
    return undefined;
  }
}

/** fetch hides the reason in `cause`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

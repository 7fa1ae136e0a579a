/** The calls of productpage to details, reviews and ratings: 3 s each, reviews tried twice, as in the public sample. */

/** Milliseconds. */
const callTimeoutMs = 3_000;
const reviewsAttempts = 2;

/** What a backend said; `status` is the one to pass on. */
export type BackendAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly error: string };

export interface Backends {
  details(productId: number, headers: CallHeaders): Promise<BackendAnswer>;
  reviews(productId: number, headers: CallHeaders): Promise<BackendAnswer>;
  ratings(productId: number, headers: CallHeaders): Promise<BackendAnswer>;
}

/** What productpage itself adds to a call (the logged-in user); the trace headers are the fetch's business. */
export type CallHeaders = Readonly<Record<string, string>>;

export interface BackendUrls {
  readonly details: string;
  readonly reviews: string;
  readonly ratings: string;
}

/** DETAILS_HOSTNAME, DETAILS_SERVICE_PORT, ..., SERVICES_DOMAIN: the variables of the public sample. */
export function backendUrls(env: Readonly<Record<string, string | undefined>>): BackendUrls {
  const domain = env["SERVICES_DOMAIN"] ? `.${env["SERVICES_DOMAIN"]}` : "";
  const url = (name: "details" | "reviews" | "ratings") => {
    const host = env[`${name.toUpperCase()}_HOSTNAME`] || name;
    const port = env[`${name.toUpperCase()}_SERVICE_PORT`] || "9080";
    return `http://${host}${domain}:${port}/${name}`;
  };
  return { details: url("details"), reviews: url("reviews"), ratings: url("ratings") };
}

export function createBackends(
  urls: BackendUrls,
  { fetch, log }: { readonly fetch: typeof globalThis.fetch; readonly log: (line: string) => void },
): Backends {
  const get = async (
    what: keyof BackendUrls,
    productId: number,
    headers: CallHeaders,
  ): Promise<BackendAnswer> => {
    const url = `${urls[what]}/${productId}`;
    const sorry = `Sorry, product ${what} are currently unavailable for this book.`;
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(callTimeoutMs) });
      if (response.ok) return { ok: true, status: response.status, body: await response.json() };
      await response.body?.cancel();
      log(`${url} answered ${response.status}`);
      return { ok: false, status: response.status, error: sorry };
    } catch (error) {
      log(`${url} failed: ${error instanceof Error ? error.message : String(error)}`);
      return { ok: false, status: 500, error: sorry };
    }
  };
  return {
    details: (productId, headers) => get("details", productId, headers),
    ratings: (productId, headers) => get("ratings", productId, headers),
    reviews: async (productId, headers) => {
      let answer = await get("reviews", productId, headers);
      for (let attempt = 1; attempt < reviewsAttempts && !answer.ok; attempt++) {
        answer = await get("reviews", productId, headers);
      }
      return answer;
    },
  };
}

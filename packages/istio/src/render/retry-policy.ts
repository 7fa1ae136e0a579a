import { writeDuration } from "../decode/scalars.ts";
import type { Retries } from "../kinds/http-policies.ts";
import { extension, given, type JsonObject } from "./json.ts";

/** Since 1.24 the words name retriable status codes without giving any: an answer of 503 is not tried again. */
const defaultRetryOn =
  "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

const previousHosts: JsonObject = extension(
  "envoy.retry_host_predicates.previous_hosts",
  "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
);

/** What happens without `retries`: two more attempts, at another endpoint where there is one. */
export const defaultRetryPolicy: JsonObject = {
  retry_on: defaultRetryOn,
  num_retries: 2,
  retry_host_predicate: [previousHosts],
  host_selection_retry_max_attempts: "5",
};

/** Inbound: only what certainly never reached the application. */
export const inboundRetryPolicy: JsonObject = { retry_on: "reset-before-request", num_retries: 2 };

/** `undefined` when there are no retries: `attempts` is 0 or, as in `retries: {}`, not given. */
export function retryPolicy(
  retries: Retries | undefined,
  meshDefault: Retries | undefined,
): JsonObject | undefined {
  const policy = retries ?? meshDefault;
  if (policy === undefined) return defaultRetryPolicy;
  const { attempts = 0, retryOn, perTryTimeout = 0, backoff, retryIgnorePreviousHosts } = policy;
  if (attempts === 0) return undefined;
  const { words, codes } = conditions(retryOn);
  const avoid = retryIgnorePreviousHosts ?? true;
  return {
    retry_on: words,
    num_retries: attempts,
    ...(perTryTimeout > 0 ? { per_try_timeout: writeDuration(perTryTimeout) } : {}),
    ...(avoid ? { retry_host_predicate: [previousHosts] } : {}),
    ...(avoid ? { host_selection_retry_max_attempts: "5" } : {}),
    ...given("retriable_status_codes", codes),
    ...(backoff === undefined ? {} : { retry_back_off: { base_interval: writeDuration(backoff) } }),
  };
}

/** Numbers in `retryOn` are status codes, which need the word that switches them on. */
function conditions(retryOn: string | undefined): { words: string; codes: number[] } {
  if (retryOn === undefined || retryOn === "") return { words: defaultRetryOn, codes: [] };
  const parts = retryOn.split(",").map((part) => part.trim());
  const codes = parts.filter((part) => /^\d+$/.test(part)).map(Number);
  const words = parts.filter((part) => !/^\d+$/.test(part));
  const word = "retriable-status-codes";
  if (codes.length > 0 && !words.includes(word)) words.push(word);
  return { words: words.join(","), codes };
}

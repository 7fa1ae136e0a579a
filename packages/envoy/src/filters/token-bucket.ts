import type { TokenBucket as TokenBucketConfig } from "../config/token-bucket.ts";

/** Fills steadily, not in steps: after half an interval half of its tokens are back, as in Envoy. Full at first. */
export class TokenBucket {
  readonly #maxTokens: number;
  readonly #tokensPerMs: number;
  #tokens: number;
  #filledAt: number;

  constructor({ maxTokens, tokensPerFill = 1, fillIntervalMs }: TokenBucketConfig, now: number) {
    this.#maxTokens = maxTokens;
    this.#tokensPerMs = tokensPerFill / fillIntervalMs;
    this.#tokens = maxTokens;
    this.#filledAt = now;
  }

  /** False when there is no whole token. `now` is in milliseconds of a clock that never goes back. */
  take(now: number): boolean {
    const filled = this.#tokens + (now - this.#filledAt) * this.#tokensPerMs;
    this.#tokens = Math.min(this.#maxTokens, filled);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * Streams that are reset soon after they began cost work and earn the client nothing; one that does little else is cut off (CVE-2023-44487).
 * The figures are those of Envoy's overload.premature_reset_*.
 */
const fewStreams = 500;
const youngMs = 1000;

export class PrematureResets {
  #ended = 0;
  #premature = 0;

  /** Told of the end of each stream: whether the connection is to end with it. */
  isAttack(reset: boolean, startedAt: number): boolean {
    this.#ended += 1;
    if (!reset || performance.now() - startedAt > youngMs) return false;
    this.#premature += 1;
    return this.#premature * 2 >= Math.max(fewStreams, this.#ended);
  }
}

import type { BodySource } from "./request-body.ts";

/** The client waits as long as anyone who gets the request's body needs it to. */
export class SharedPause implements BodySource {
  readonly #source: BodySource;
  #pausing = 0;

  constructor(source: BodySource) {
    this.#source = source;
  }

  pauseReading(): void {
    this.#pausing++;
    if (this.#pausing === 1) this.#source.pauseReading();
  }

  resumeReading(): void {
    this.#pausing--;
    if (this.#pausing === 0) this.#source.resumeReading();
  }
}

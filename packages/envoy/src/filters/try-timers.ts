/** The time limits of one try. */
export interface TryLimits {
  /** Milliseconds from the end of the request to the response's headers; 0: none. */
  readonly perTry: number;
  /** Milliseconds without a sign of life, from the end of the request on; 0: none. */
  readonly perTryIdle: number;
}

export interface TryTimersOwner {
  timedOut(): void;
}

export class TryTimers {
  readonly #owner: TryTimersOwner;
  readonly #limits: TryLimits;
  #whole: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(owner: TryTimersOwner, limits: TryLimits) {
    this.#owner = owner;
    this.#limits = limits;
  }

  requestSent(): void {
    const { perTry, perTryIdle } = this.#limits;
    if (perTry > 0) this.#whole = setTimeout(timedOut, perTry, this.#owner);
    if (perTryIdle > 0) this.#idle = setTimeout(timedOut, perTryIdle, this.#owner);
  }

  responseStarted(): void {
    clearTimeout(this.#whole);
    this.touch();
  }

  touch(): void {
    this.#idle?.refresh();
  }

  stop(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#idle);
  }
}

function timedOut(owner: TryTimersOwner): void {
  owner.timedOut();
}

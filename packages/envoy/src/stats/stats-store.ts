/**
 * Counters and gauges by Envoy's names. Code that counts keeps the object it got from the store, so that counting is one addition.
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/observability/statistics
 */

export class Counter {
  readonly name: string;
  value = 0;

  constructor(name: string) {
    this.name = name;
  }

  inc(): void {
    this.value++;
  }

  add(amount: number): void {
    this.value += amount;
  }
}

export class Gauge {
  readonly name: string;
  value = 0;

  constructor(name: string) {
    this.name = name;
  }

  inc(): void {
    this.value++;
  }

  dec(): void {
    this.value--;
  }

  set(value: number): void {
    this.value = value;
  }
}

/** Some figures are known elsewhere (uptime, memory): they are asked for when somebody reads the statistics. */
export type GaugeSource = () => number;

export class StatsStore {
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #sources = new Map<string, GaugeSource>();

  counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter(name);
      this.#counters.set(name, counter);
    }
    return counter;
  }

  gauge(name: string): Gauge {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge(name);
      this.#gauges.set(name, gauge);
    }
    return gauge;
  }

  gaugeFrom(name: string, source: GaugeSource): void {
    this.#sources.set(name, source);
  }

  counters(): IterableIterator<Counter> {
    return this.#counters.values();
  }

  gauges(): { readonly name: string; readonly value: number }[] {
    const gauges: { name: string; value: number }[] = [...this.#gauges.values()];
    for (const [name, source] of this.#sources) gauges.push({ name, value: source() });
    return gauges;
  }

  resetCounters(): void {
    for (const counter of this.#counters.values()) counter.value = 0;
  }
}

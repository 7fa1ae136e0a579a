/** A listener of the file at work, whatever it listens for. */
import type { Listener } from "../config/listener.ts";
import { compileUdpProxy, UdpListener } from "../network/udp-proxy.ts";
import type { ServerContext } from "../server-context.ts";
import { compileListener, type Managers } from "./compile-listener.ts";
import { NetworkListener } from "./network-listener.ts";

export class RunningListener {
  readonly #running: NetworkListener | UdpListener;
  #managers: Managers = new Map();

  /** `statName` is the listener's in statistics. */
  constructor(config: Listener, statName: string, context: ServerContext) {
    if (config.address.protocol === "UDP") {
      this.#running = new UdpListener(compileUdpProxy(config, context));
      return;
    }
    const { plan, managers } = compileListener(config, statName, context);
    this.#running = new NetworkListener(plan);
    this.#managers = managers;
  }

  get address(): string {
    return this.#running.address;
  }

  get port(): number {
    return this.#running.port;
  }

  /** Rejects when the address cannot be bound. */
  listen(address: string, port: number): Promise<void> {
    return this.#running.listen({ address, port });
  }

  /** A changed file: connections go on, what comes from now on goes by the new one. */
  replace(config: Listener, statName: string, context: ServerContext): void {
    if (this.#running instanceof UdpListener) {
      this.#running.replace(compileUdpProxy(config, context));
      return;
    }
    const { plan, managers } = compileListener(config, statName, context, this.#managers);
    this.#running.replace(plan);
    this.#managers = managers;
  }

  drain(): void {
    this.#running.drain();
  }

  close(graceMs: number): Promise<void> {
    return this.#running.close(graceMs);
  }
}

/**
 * Which virtual host a Host header belongs to: exact name, then the longest `*.suffix`, the longest `prefix.*`, then `*`. A port in the
 * header is part of the name. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
import { withoutPort } from "./authority.ts";

interface Wildcard<Host> {
  readonly text: string;
  readonly host: Host;
}

export class VirtualHosts<Host> {
  readonly #exact = new Map<string, Host>();
  /** Longest first. */
  readonly #suffixes: Wildcard<Host>[] = [];
  readonly #prefixes: Wildcard<Host>[] = [];
  readonly #ignorePort: boolean;
  #any: Host | undefined;

  constructor(
    hosts: Iterable<readonly [domains: readonly string[], host: Host]>,
    ignorePort: boolean,
  ) {
    this.#ignorePort = ignorePort;
    for (const [domains, host] of hosts) for (const domain of domains) this.#add(domain, host);
    const longestFirst = (a: Wildcard<Host>, b: Wildcard<Host>): number =>
      b.text.length - a.text.length;
    this.#suffixes.sort(longestFirst);
    this.#prefixes.sort(longestFirst);
  }

  find(authority: string): Host | undefined {
    if (this.#exact.size === 0 && this.#suffixes.length === 0 && this.#prefixes.length === 0)
      return this.#any;
    const name = (this.#ignorePort ? withoutPort(authority) : authority).toLowerCase();
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    for (const { text, host } of this.#suffixes)
      if (name.length > text.length && name.endsWith(text)) return host;
    for (const { text, host } of this.#prefixes)
      if (name.length > text.length && name.startsWith(text)) return host;
    return this.#any;
  }

  #add(domain: string, host: Host): void {
    const name = domain.toLowerCase();
    if (name === "*") this.#any = host;
    else if (name.startsWith("*")) this.#suffixes.push({ text: name.slice(1), host });
    else if (name.endsWith("*")) this.#prefixes.push({ text: name.slice(0, -1), host });
    else this.#exact.set(name, host);
  }
}

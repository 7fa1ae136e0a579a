/** A port a service opens, and where the machine it runs on shows it. */
export interface PortMapping {
  /** The port the process listens on. */
  readonly target: number;
  /** The port on the host; undefined when the port is only exposed to the other services. */
  readonly published: number | undefined;
}

const allowed =
  'allowed are "8000", "8000:8000" and "127.0.0.1:8000:8000", each with an optional "/tcp"';

/** The short form of one entry of `ports`. Throws an Error that says what is allowed. */
export function parsePortMapping(text: string): PortMapping {
  const match =
    /^(?:(?:\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}):)?(?:(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(text);
  if (!match) {
    const range = /\d-\d/.test(text) ? "port ranges are not supported" : "not a port mapping";
    throw new Error(`${range}: "${text}"; ${allowed}`);
  }
  if (match[3] === "udp") throw new Error(`only tcp ports are supported, got "${text}"`);
  const target = parsePort(match[2] ?? "");
  return { target, published: match[1] === undefined ? target : parsePort(match[1]) };
}

/** A port number as text. Throws an Error with the allowed range. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new Error(`"${text}" is not a port: a number from 1 to 65535 is expected`);
  }
  return port;
}

/** Host headers and their ports. Envoy takes whatever follows the last colon for one, unless a bracket closes after it. */

/** Where the port's colon is; -1: there is none. */
export function portStart(authority: string): number {
  const colon = authority.lastIndexOf(":");
  return colon > authority.lastIndexOf("]") ? colon : -1;
}

export function withoutPort(authority: string): string {
  const colon = portStart(authority);
  return colon < 0 ? authority : authority.slice(0, colon);
}

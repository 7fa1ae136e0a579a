/** The name under which a request header is kept: Host is :authority. */
export function requestHeaderName(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}

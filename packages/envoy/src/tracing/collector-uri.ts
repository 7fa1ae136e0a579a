/** Host (with its port) and path of a collector's URI. Without a scheme all of it is a path. */
export function parseCollectorUri(uri: string): { readonly host: string; readonly path: string } {
  const scheme = uri.indexOf("://");
  if (scheme < 0) return { host: "", path: uri };
  const start = scheme + 3;
  const slash = uri.indexOf("/", start);
  if (slash < 0) return { host: uri.slice(start), path: "/" };
  return { host: uri.slice(start, slash), path: uri.slice(slash) };
}

/** `exportTo`: absent or `*` is everywhere, `.` the resource's own namespace, other values are namespaces. */
export function visibleFrom(
  exportTo: readonly string[] | undefined,
  ownNamespace: string,
  namespace: string,
): boolean {
  if (exportTo === undefined || exportTo.length === 0) return true;
  return exportTo.some(
    (item) => item === "*" || (item === "." ? ownNamespace === namespace : item === namespace),
  );
}

export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

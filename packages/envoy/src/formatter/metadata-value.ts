/** Finds a value in metadata (namespace to struct); undefined where it is not there or null. */
export function readMetadata(
  metadata: Readonly<Record<string, unknown>> | undefined,
  namespace: string,
  path: readonly string[],
): unknown {
  let value: unknown = metadata?.[namespace];
  for (const key of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value ?? undefined;
}

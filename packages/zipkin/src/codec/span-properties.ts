/** The properties of a span in v2 JSON. */

/** In the order in which they are written. */
export const properties = [
  "traceId", "parentId", "id", "kind", "name", "timestamp", "duration", "localEndpoint", "remoteEndpoint", "annotations", "tags",
  "debug", "shared",
] as const; // biome-ignore format: a table
export const slot = Object.fromEntries(properties.map((name, i) => [name, i])) as Readonly<
  Record<(typeof properties)[number], number>
>;
/** What stands before each value. */
export const heads: readonly Buffer[] = properties.map((name, i) =>
  Buffer.from(`${i === 0 ? "{" : ","}"${name}":`),
);
export interface Candidate {
  readonly property: number;
  /** With the quote that ends it. */
  readonly name: Buffer;
}
/** By first letter. */
export const candidates: readonly (readonly Candidate[])[] = Array.from(
  { length: 128 },
  (_, letter) =>
    properties.flatMap((name, property) =>
      name.charCodeAt(0) === letter ? [{ property, name: Buffer.from(`${name}"`) }] : [],
    ),
);
/** With the quote that ends them. */
export const kinds: readonly Buffer[] = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"].map((kind) =>
  Buffer.from(`${kind}"`),
);

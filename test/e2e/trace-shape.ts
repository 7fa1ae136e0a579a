/** A trace as nested text, so that a test says the whole tree: who, which kind, which name, below whom. */
import type { Span } from "@tracemesh/zipkin";

export interface Shape {
  readonly [span: string]: Shape;
}

/**
 * `service KIND name` for every span, `shared` behind it where it reports its client's id. A span hangs below the span of its parent id;
 * a shared one below the other half of its id. Throws where a parent was never reported: such a trace has no tree.
 */
export function shapeOf(spans: readonly Span[]): Shape {
  const children = Map.groupBy(spans, (span) => parentOf(span, spans));
  const build = (parent: Span | undefined): Shape =>
    Object.fromEntries(
      (children.get(parent) ?? [])
        .toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
        .map((span, at) => [unique(label(span), at, children.get(parent) ?? []), build(span)]),
    );
  return build(undefined);
}

function label(span: Span): string {
  const words = [span.localEndpoint?.serviceName ?? "?", span.kind ?? "LOCAL", span.name ?? "?"];
  return [...words, ...(span.shared ? ["shared"] : [])].join(" ");
}

/** Twins get a number, since an object can hold a key once. */
function unique(name: string, at: number, siblings: readonly Span[]): string {
  return siblings.filter((span) => label(span) === name).length > 1 ? `${name} #${at + 1}` : name;
}

function parentOf(span: Span, spans: readonly Span[]): Span | undefined {
  const other = span.shared && spans.find(({ id, shared }) => id === span.id && !shared);
  if (other) return other;
  if (span.parentId === undefined) return undefined;
  const candidates = spans.filter(({ id }) => id === span.parentId);
  // What a server did hangs below the server's half of a shared span.
  const parent = candidates.find(({ shared }) => shared) ?? candidates[0];
  if (!parent)
    throw new Error(`${label(span)} names the parent ${span.parentId}, which nobody reported`);
  return parent;
}

/** The parts of a Zipkin v2 span that a drawing of the trace needs. */
export interface TraceSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  /** Start, in microseconds since 1970. */
  readonly timestamp?: number | undefined;
  /** In microseconds. */
  readonly duration?: number | undefined;
  readonly shared?: boolean | undefined;
  readonly localEndpoint?: { readonly serviceName?: string | undefined } | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A span and what it caused, in order of start. */
export interface TraceNode {
  readonly span: TraceSpan;
  readonly children: TraceNode[];
}

export interface TraceTree {
  readonly traceId: string;
  readonly roots: readonly TraceNode[];
  /** Parents that no span of the trace has, each with the spans that name it. */
  readonly missingParents: ReadonlyMap<string, readonly TraceNode[]>;
  readonly spanCount: number;
  readonly serviceCount: number;
}

/**
 * Builds the tree of a trace. Where a client and a server report one span id (B3's shared spans), the server's
 * half hangs below the client's, and what the server caused hangs below the server's half.
 */
export function buildTraceTree(spans: readonly TraceSpan[]): TraceTree {
  const nodes = spans.map((span): TraceNode => ({ span, children: [] }));
  const byId = Map.groupBy(nodes, ({ span }) => span.id);
  const roots: TraceNode[] = [];
  const missingParents = new Map<string, TraceNode[]>();
  const parents = new Map<TraceNode, TraceNode>();
  for (const node of nodes) {
    const parent = findParent(node, byId);
    if (parent !== undefined && !isAbove(node, parent, parents)) {
      parents.set(node, parent);
      parent.children.push(node);
    } else if (parent === undefined && node.span.parentId !== undefined) {
      const orphans = missingParents.get(node.span.parentId) ?? [];
      orphans.push(node);
      missingParents.set(node.span.parentId, orphans);
    } else roots.push(node);
  }
  for (const node of nodes) node.children.sort(byStart);
  roots.sort(byStart);
  return {
    traceId: spans[0]?.traceId ?? "",
    roots,
    missingParents,
    spanCount: spans.length,
    serviceCount: new Set(spans.map(({ localEndpoint }) => localEndpoint?.serviceName)).size,
  };
}

function findParent(
  node: TraceNode,
  byId: ReadonlyMap<string, readonly TraceNode[]>,
): TraceNode | undefined {
  const { id, parentId, shared } = node.span;
  if (shared) {
    const clientHalf = byId.get(id)?.find((other) => other !== node && !other.span.shared);
    if (clientHalf !== undefined) return clientHalf;
  }
  if (parentId === undefined || parentId === id) return undefined;
  const candidates = byId.get(parentId) ?? [];
  const ofSameService = candidates.find(
    (other) =>
      other.span.localEndpoint?.serviceName !== undefined &&
      other.span.localEndpoint.serviceName === node.span.localEndpoint?.serviceName,
  );
  return ofSameService ?? candidates.find((other) => other.span.shared) ?? candidates[0];
}

/** True when `node` is an ancestor of `other`: hanging it there would close a circle. */
function isAbove(
  node: TraceNode,
  other: TraceNode,
  parents: ReadonlyMap<TraceNode, TraceNode>,
): boolean {
  for (let at: TraceNode | undefined = other; at !== undefined; at = parents.get(at)) {
    if (at === node) return true;
  }
  return false;
}

function byStart(a: TraceNode, b: TraceNode): number {
  return (a.span.timestamp ?? 0) - (b.span.timestamp ?? 0);
}

import type { Endpoint, Span } from "../model/span.ts";
import { cleanTrace } from "./clean-trace.ts";

/** One span (or the missing root) and what hangs under it. */
export interface SpanNode {
  readonly span: Span | undefined;
  parent: SpanNode | undefined;
  readonly children: SpanNode[];
}

/**
 * The tree of a trace: a shared span hangs under the unshared one of its id; others under the shared
 * span of their parent id on the same endpoint, else under their parent id. What has no parent here
 * hangs under the first root, or under an empty node when there is none.
 */
export function buildSpanTree(spans: readonly Span[]): SpanNode {
  const cleaned = cleanTrace(spans);
  const parentOf = new Map<string, string | undefined>();
  for (const span of cleaned) {
    if (span.shared) parentOf.set(sharedKey(span.id, span.localEndpoint), span.id);
    else parentOf.set(span.id, span.parentId);
  }
  const nodes = new Map<string, SpanNode>();
  let root: SpanNode | undefined;
  for (const span of cleaned) {
    const node: SpanNode = { span, parent: undefined, children: [] };
    if (span.shared) {
      nodes.set(sharedKey(span.id, span.localEndpoint), node);
      // Spans in between may lack an endpoint: let them find it without, too.
      nodes.set(sharedKey(span.id, undefined), node);
      continue;
    }
    if (span.parentId === undefined && root === undefined) {
      // Not found by its id: what names it as parent hangs under the root in any case, and another span
      // of the same id takes precedence.
      root = node;
      parentOf.delete(span.id);
      continue;
    }
    if (span.parentId !== undefined) {
      const onSameEndpoint = sharedKey(span.parentId, span.localEndpoint);
      if (parentOf.has(onSameEndpoint)) parentOf.set(span.id, onSameEndpoint);
    }
    nodes.set(span.id, node);
  }
  return attach(root ?? { span: undefined, parent: undefined, children: [] }, nodes, parentOf);
}

function attach(
  root: SpanNode,
  nodes: ReadonlyMap<string, SpanNode>,
  parentOf: ReadonlyMap<string, string | undefined>,
): SpanNode {
  for (const [key, parentKey] of parentOf) {
    const child = nodes.get(key);
    if (child === undefined || child === root) continue;
    const parent = (parentKey === undefined ? undefined : nodes.get(parentKey)) ?? root;
    // Spans that name each other as parents form a circle which no walk from the root ever reaches.
    if (parent === child) continue;
    parent.children.push(child);
    child.parent = parent;
  }
  return root;
}

/** Breadth first, without the empty root. */
export function* walkSpanTree(root: SpanNode): Generator<SpanNode & { readonly span: Span }> {
  const queue = [root];
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i];
    if (node === undefined) return;
    if (hasSpan(node)) yield node;
    for (const child of node.children.sort(byTimestamp)) queue.push(child);
  }
}

function hasSpan(node: SpanNode): node is SpanNode & { readonly span: Span } {
  return node.span !== undefined;
}

function byTimestamp(left: SpanNode, right: SpanNode): number {
  return (left.span?.timestamp ?? 0) - (right.span?.timestamp ?? 0);
}

/** Of several servers that answered one client's id, the endpoint tells which is meant. */
function sharedKey(id: string, endpoint: Endpoint | undefined): string {
  if (endpoint === undefined) return `${id} shared`;
  const { serviceName, ipv4, ipv6, port } = endpoint;
  return `${id} shared ${JSON.stringify([serviceName, ipv4, ipv6, port])}`;
}

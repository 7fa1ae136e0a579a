import type { Span } from "../model/span.ts";
import type { Call } from "./dependency-link.ts";
import { buildSpanTree, type SpanNode, walkSpanTree } from "./span-tree.ts";

/**
 * The calls between services that one trace shows, by Zipkin's rules: the server's own name counts,
 * not the one its client guessed; spans in between do not break a call; a half that never arrived
 * is bridged. Spans may come in any order.
 */
export function findCalls(spans: readonly Span[]): Call[] {
  if (spans.length === 0) return [];
  const root = buildSpanTree(spans);
  const calls: Call[] = [];
  for (const node of walkSpanTree(root)) addCalls(node, node.span, node === root, calls);
  return calls;
}

function addCalls(node: SpanNode, span: Span, isRoot: boolean, calls: Call[]): void {
  if (span.kind === "CLIENT" && node.children.length > 0) return; // its server names the call
  const local = span.localEndpoint?.serviceName;
  const remote = span.remoteEndpoint?.serviceName;
  // Without a kind, but knowing both sides, it is as good as a client.
  const kind = span.kind ?? (local !== undefined && remote !== undefined ? "CLIENT" : undefined);
  if (kind === undefined) return;
  const isCalled = kind === "SERVER" || kind === "CONSUMER";
  const child = isCalled ? local : remote;
  let parent = isCalled ? remote : local;
  if (isCalled && isRoot && parent === undefined) return; // nobody knows who called
  const { duration } = span;
  let isError = hasError(span);
  if (kind === "PRODUCER" || kind === "CONSUMER") {
    // To the broker and from the broker; never across it.
    if (parent !== undefined && child !== undefined)
      calls.push({ parent, child, isError, duration });
    return;
  }
  const ancestor = firstRemoteAncestor(node);
  const ancestorName = ancestor?.localEndpoint?.serviceName;
  if (ancestor !== undefined && ancestorName !== undefined) {
    if (kind === "CLIENT" && local !== undefined && local !== ancestorName) {
      calls.push({ parent: ancestorName, child: local, isError: false }); // its server half is missing
    }
    if (kind === "SERVER" || parent === undefined) parent = ancestorName;
    const isDirect = span.parentId !== undefined && span.parentId === ancestor.id;
    if (ancestor.kind === "CLIENT" && isDirect) isError ||= hasError(ancestor);
  }
  if (parent !== undefined && child !== undefined) calls.push({ parent, child, isError, duration });
}

function firstRemoteAncestor(node: SpanNode): Span | undefined {
  for (let up = node.parent; up !== undefined; up = up.parent) {
    if (up.span?.kind !== undefined) return up.span;
  }
  return undefined;
}

function hasError(span: Span): boolean {
  return span.tags !== undefined && Object.hasOwn(span.tags, "error");
}

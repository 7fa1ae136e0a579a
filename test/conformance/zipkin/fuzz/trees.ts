import fc from "fast-check";
import { type JsonText, type Member, object, raw, string } from "./json-text.ts";
import * as values from "./span-values.ts";

/** Traces as programs make them: calls within calls, with halves that share an id, pieces that come apart, and spans that are missing. */
interface Node {
  /** Which of the nodes before it is its parent. */
  readonly under: number;
  readonly kind: string | undefined;
  readonly service: string | undefined;
  readonly remote: string | undefined;
  readonly ip: string | undefined;
  /** A server that takes its caller's id, whether it says so or not. */
  readonly sharing: "no" | "yes" | "unsaid";
  /** What it says of its parent. */
  readonly parent: "true" | "none" | "wrong";
  readonly error: boolean;
  readonly startMs: number | undefined;
  readonly duration: number | undefined;
  /** Whole, in two reports, or never. */
  readonly arrival: "whole" | "pieces" | "missing";
}

const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  );
const services = fc.constantFrom("a-~w", "b-~w", "c-~w", undefined);

const nodes: fc.Arbitrary<Node> = fc.record({
  under: fc.nat({ max: 5 }),
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("CLIENT", "SERVER") },
    { weight: 2, arbitrary: fc.constantFrom("PRODUCER", "CONSUMER", undefined) },
  ),
  service: services,
  remote: services,
  ip: fc.constantFrom("10.0.0.1", undefined, undefined),
  sharing: fc.constantFrom("no", "yes", "unsaid"),
  parent: mostly("true", "none", "wrong"),
  error: fc.boolean(),
  startMs: fc.constantFrom(1, 2, 3, 500, undefined),
  duration: fc.option(values.durations, { nil: undefined }),
  arrival: mostly("whole", "pieces", "missing"),
});

export const trees: fc.Arbitrary<readonly JsonText[]> = fc
  .tuple(values.traceIds, fc.array(nodes, { minLength: 2, maxLength: 7 }))
  .map(([traceId, all]) => {
    const ids: string[] = [];
    const parents: (string | undefined)[] = [];
    return all.flatMap((node, i) => {
      const above = i === 0 ? undefined : node.under % i;
      const shares = above !== undefined && node.sharing !== "no" && node.kind === "SERVER";
      const aboveId = above === undefined ? undefined : ids[above];
      const id = (shares ? aboveId : undefined) ?? (i + 1).toString(16).padStart(16, "0");
      const parentId = shares && above !== undefined ? parents[above] : aboveId;
      ids.push(id);
      parents.push(parentId);
      return reports(traceId, id, parentId, node, shares && node.sharing === "yes");
    });
  });

function reports(
  traceId: string,
  id: string,
  parentId: string | undefined,
  node: Node,
  shared: boolean,
): JsonText[] {
  const said = { true: parentId, none: undefined, wrong: "00000000000000ee" }[node.parent];
  const who: Member[] = [
    ["traceId", string(traceId)],
    ...(said === undefined ? [] : [["parentId", string(said)] as const]),
    ["id", string(id)],
    ...(shared ? [["shared", raw("true")] as const] : []),
  ];
  const what: Member[] = [];
  if (node.kind !== undefined) what.push(["kind", string(node.kind)]);
  const local = endpoint(node.service, node.ip);
  if (local !== undefined) what.push(["localEndpoint", local]);
  const remote = endpoint(node.remote, undefined);
  if (remote !== undefined) what.push(["remoteEndpoint", remote]);
  const rest: Member[] = [];
  if (node.startMs !== undefined) rest.push(["timestamp", raw(`~u${node.startMs * 1000}~`)]);
  if (node.duration !== undefined) rest.push(["duration", raw(String(node.duration))]);
  if (node.error) rest.push(["tags", object([["error", string("")]])]);
  if (node.arrival === "missing") return [];
  if (node.arrival === "whole") return [object([...who, ...what, ...rest])];
  return [object([...who, ...what]), object([...who, ...rest])];
}

function endpoint(service: string | undefined, ip: string | undefined): JsonText | undefined {
  const members: Member[] = [];
  if (service !== undefined) members.push(["serviceName", string(service)]);
  if (ip !== undefined) members.push(["ipv4", string(ip)]);
  return members.length === 0 ? undefined : object(members);
}

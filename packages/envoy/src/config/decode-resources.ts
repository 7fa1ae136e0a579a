/** From the text of a discovery file to its resources; one that is wrong does not keep the others out. (service.discovery.v3.DiscoveryResponse) */
import { parse } from "yaml";
import type { Decoder } from "./decode/decoder.ts";
import { type Report, Scope } from "./decode/scope.ts";
import type { ConfigNode } from "./decode/yaml-tree.ts";
import { readTree } from "./decode-bootstrap.ts";
import type { Problem } from "./problem.ts";

export interface ResourceKind<Value> {
  /** Full name of its message. */
  readonly type: string;
  readonly decoder: Decoder<Value>;
  /** Rules across messages: what has to exist, and what may exist once. */
  readonly check: (value: Value, report: Report) => void;
}

export interface DecodedResource<Value> {
  /** As in the file; empty where it has none. */
  readonly name: string;
  /** Undefined: it is refused. */
  readonly value: Value | undefined;
  /** As written, as plain values. */
  readonly raw: unknown;
  readonly problems: readonly Problem[];
}

export type DecodedResources<Value> =
  | {
      readonly ok: true;
      /** version_info; empty where there is none. */
      readonly version: string;
      readonly resources: readonly DecodedResource<Value>[];
    }
  /** Nothing of the file can be used. */
  | { readonly ok: false; readonly reason: "failure" | "rejected"; readonly message: string };

export function decodeResources<Value>(
  path: string,
  text: string,
  kind: ResourceKind<Value>,
): DecodedResources<Value> {
  const { root, problems } = readTree(text, path);
  const [syntax] = problems;
  if (syntax !== undefined)
    return { ok: false, reason: "failure", message: `in ${path}, ${syntax.envoyMessage}` };
  const items = itemsOf(root);
  if (items === undefined)
    return { ok: false, reason: "failure", message: `in ${path}, there is no list of resources` };
  const stranger = items.find((item) => typeOf(item) !== kind.type);
  if (stranger !== undefined) {
    const message = `Unable to unpack as ${kind.type}: ${typeOf(stranger) ?? "no @type"} (${path}:${stranger.at.line}:${stranger.at.column})`;
    return { ok: false, reason: "rejected", message };
  }
  const raw = rawItems(text);
  return {
    ok: true,
    version: textIn(root, "version_info") ?? textIn(root, "versionInfo") ?? "",
    resources: items.map((item, at) => ({ ...decodeOne(path, item, at, kind), raw: raw[at] })),
  };
}

function rawItems(text: string): readonly unknown[] {
  const file = parse(text, { merge: true }) as { readonly resources?: unknown } | null;
  return Array.isArray(file?.resources) ? file.resources : [];
}

function decodeOne<Value>(
  path: string,
  node: ConfigNode,
  at: number,
  { type, decoder, check }: ResourceKind<Value>,
): Omit<DecodedResource<Value>, "raw"> {
  const report: Report = { file: path, problems: [], origins: new WeakMap() };
  const scope = new Scope(report, `resources[${at}]`).any(type);
  const value = decoder.decode(node, scope);
  if (value !== undefined) check(value, report);
  const { problems } = report;
  return {
    name: textIn(node, "name") ?? "",
    value: problems.length === 0 ? value : undefined,
    problems,
  };
}

/** An empty file, and one with nothing but a version, has no resources. */
function itemsOf(root: ConfigNode): readonly ConfigNode[] | undefined {
  if (root.kind === "scalar" && root.value === null) return [];
  if (root.kind !== "map") return undefined;
  const list = root.entries.find(({ key }) => key === "resources")?.value;
  if (list === undefined || (list.kind === "scalar" && list.value === null)) return [];
  return list.kind === "list" ? list.items : undefined;
}

function typeOf(node: ConfigNode): string | undefined {
  const url = textIn(node, "@type");
  return url?.slice(url.lastIndexOf("/") + 1);
}

function textIn(node: ConfigNode, key: string): string | undefined {
  if (node.kind !== "map") return undefined;
  const value = node.entries.find((entry) => entry.key === key)?.value;
  return value?.kind === "scalar" ? value.text : undefined;
}

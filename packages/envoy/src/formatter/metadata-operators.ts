/** Operators on metadata, the environment and filter state. */
import type { StreamInfo } from "../http/stream-info.ts";
import { FormatError, type Operand, type Operator } from "./formatter.ts";
import { readMetadata } from "./metadata-value.ts";
import type { OperatorDefinition } from "./operators.ts";

type Source = (info: StreamInfo) => Readonly<Record<string, unknown>> | undefined;

const sources: Readonly<Record<string, Source>> = {
  DYNAMIC: (info) => info.dynamicMetadata,
  CLUSTER: (info) => info.clusterMetadata,
  ROUTE: (info) => info.routeMetadata,
  UPSTREAM_HOST: (info) => info.upstream?.host?.metadata,
  LISTENER: () => undefined,
  LISTENER_FILTER_CHAIN: () => undefined,
  VIRTUAL_HOST: () => undefined,
};

export const metadataOperators: Readonly<Record<string, OperatorDefinition>> = {
  DYNAMIC_METADATA: metadata((info) => info.dynamicMetadata, true),
  CLUSTER_METADATA: metadata((info) => info.clusterMetadata, false),
  UPSTREAM_METADATA: metadata((info) => info.upstream?.host?.metadata, false),
  METADATA: { parameters: "optional", lengthAllowed: true, compile: anyMetadata },
  FILTER_STATE: { parameters: "optional", lengthAllowed: true, compile: filterState },
  UPSTREAM_FILTER_STATE: { parameters: "optional", lengthAllowed: true, compile: filterState },
  ENVIRONMENT: { parameters: "required", lengthAllowed: true, compile: environment },
};

function metadata(source: Source, lengthAllowed: boolean): OperatorDefinition {
  return {
    parameters: "required",
    lengthAllowed,
    compile: (text) => lookup(source, text),
  };
}

function anyMetadata(text: string): Operator {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const source = Object.hasOwn(sources, kind) ? sources[kind] : undefined;
  if (source === undefined) throw new FormatError(`${kind} is not supported type of metadata`);
  return lookup(source, colon < 0 ? "" : text.slice(colon + 1));
}

/** `namespace:key:key`; what is not a string is written as JSON. */
function lookup(source: Source, text: string): Operator {
  const [namespace = "", ...path] = text.split(":");
  return (info) => readMetadata(source(info), namespace, path) as Operand;
}

/** No filter of ours keeps any. */
function filterState(text: string): Operator {
  const [key = "", type = "", field = ""] = text.split(":");
  if (key === "") throw new FormatError("Invalid filter state configuration, key cannot be empty.");
  if (!["", "PLAIN", "TYPED", "FIELD"].includes(type))
    throw new FormatError("Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.");
  if ((type === "FIELD") !== (field !== ""))
    throw new FormatError(
      "Invalid filter state serialize type, FIELD should be used with the field name.",
    );
  return () => undefined;
}

/** Read once, as it cannot change. A variable that is not there is a dash wherever it stands. */
function environment(text: string): Operator {
  const value = process.env[text] ?? "-";
  return () => value;
}

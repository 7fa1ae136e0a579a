/** Operators on metadata, the environment and filter state. */
import type { StreamInfo } from "../http/stream-info.ts";
import { FormatError, type Operand, type Operator } from "./formatter.ts";
import { readMetadata } from "./metadata-value.ts";
import type { OperatorDefinition, OperatorParameters } from "./operators.ts";
import { structJson } from "./struct-json.ts";

type Source = (info: StreamInfo) => Readonly<Record<string, unknown>> | undefined;

const sources: Readonly<Record<string, Source>> = {
  DYNAMIC: (info) => info.dynamicMetadata,
  CLUSTER: (info) => info.clusterMetadata,
  ROUTE: (info) => info.routeMetadata,
  UPSTREAM_HOST: (info) => info.hostMetadata,
  LISTENER: () => undefined,
  LISTENER_FILTER_CHAIN: () => undefined,
  VIRTUAL_HOST: () => undefined,
};

export const metadataOperators: Readonly<Record<string, OperatorDefinition>> = {
  DYNAMIC_METADATA: metadata((info) => info.dynamicMetadata),
  CLUSTER_METADATA: metadata((info) => info.clusterMetadata),
  UPSTREAM_METADATA: metadata((info) => info.hostMetadata),
  METADATA: { parameters: "required", lengthAllowed: true, compile: anyMetadata },
  FILTER_STATE: { parameters: "required", lengthAllowed: true, compile: filterState },
  UPSTREAM_FILTER_STATE: { parameters: "required", lengthAllowed: true, compile: filterState },
  ENVIRONMENT: { parameters: "required", lengthAllowed: true, compile: environment },
};

function metadata(source: Source): OperatorDefinition {
  return {
    parameters: "required",
    lengthAllowed: true,
    compile: (parameters) => lookup(source, parameters.text, parameters.maxLength),
  };
}

function anyMetadata({ text, maxLength }: OperatorParameters): Operator {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const source = Object.hasOwn(sources, kind) ? sources[kind] : undefined;
  if (source === undefined) throw new FormatError(`${kind} is not supported type of metadata`);
  return lookup(source, colon < 0 ? "" : text.slice(colon + 1), maxLength);
}

/** `namespace:key:key`; what is not a string is written as JSON. */
function lookup(source: Source, text: string, maxLength: number | undefined): Operator {
  const [namespace = "", ...path] = text.split(":");
  return (info) => {
    const value = readMetadata(source(info), namespace, path) as Operand;
    if (maxLength === undefined || value === undefined) return value;
    return (typeof value === "string" ? value : structJson(value)).slice(0, maxLength);
  };
}

/** No filter of ours keeps any. */
function filterState({ text }: OperatorParameters): Operator {
  const [key = "", type = "TYPED", field] = text.split(":");
  if (key === "") throw new FormatError("Invalid filter state configuration, key cannot be empty.");
  if (!["PLAIN", "TYPED", "FIELD"].includes(type))
    throw new FormatError("Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.");
  if ((type === "FIELD") !== (field !== undefined))
    throw new FormatError(
      "Invalid filter state serialize type, FIELD should be used with the field name.",
    );
  return () => undefined;
}

/** Read once, as it cannot change. */
function environment({ text, maxLength }: OperatorParameters): Operator {
  const value = process.env[text];
  const shown = maxLength === undefined ? value : value?.slice(0, maxLength);
  return () => shown;
}

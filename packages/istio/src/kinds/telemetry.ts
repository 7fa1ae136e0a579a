import { report } from "../decode/cursor.ts";
import {
  boolean,
  type Decoder,
  decodeWith,
  list,
  number,
  oneOf,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { schemaError } from "../decode/scalars.ts";
import { type Resource, resource } from "./resource.ts";

export type CustomTag =
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "header"; readonly name: string; readonly defaultValue?: string }
  | { readonly kind: "environment"; readonly name: string; readonly defaultValue?: string };

export interface TelemetryTracing {
  readonly match?: { readonly mode?: "CLIENT" | "SERVER" | "CLIENT_AND_SERVER" };
  readonly providers?: readonly { readonly name: string }[];
  readonly randomSamplingPercentage?: number;
  readonly disableSpanReporting?: boolean;
  readonly useRequestIdForTraceSampling?: boolean;
  readonly customTags?: Readonly<Record<string, CustomTag>>;
  readonly enableIstioTags?: boolean;
}

export interface TelemetrySpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly tracing?: readonly TelemetryTracing[];
}

export type Telemetry = Resource<"Telemetry", TelemetrySpec>;

const refuse = { unknown: "refuse" } as const;

interface WrittenTag {
  readonly literal?: { readonly value: string };
  readonly header?: { readonly name: string; readonly defaultValue?: string };
  readonly environment?: { readonly name: string; readonly defaultValue?: string };
}

const named = object<{ name: string; defaultValue?: string }>(
  { name: required(string), defaultValue: optional(text) },
  refuse,
);

export const customTag: Decoder<CustomTag> = decodeWith(
  object<WrittenTag>(
    {
      literal: optional(object<{ value: string }>({ value: required(text) }, refuse)),
      header: optional(named),
      environment: optional(named),
    },
    { ...refuse, unsupported: { formatter: "tags by a formatter" } },
  ),
  ({ literal, header, environment }, cursor) => {
    const kinds = [literal, header, environment].filter((kind) => kind !== undefined);
    if (kinds.length !== 1) {
      return report(cursor, "a custom tag is exactly one of literal, header, environment");
    }
    if (literal !== undefined) return { kind: "literal", value: literal.value };
    if (header !== undefined) return { kind: "header", ...header };
    return environment && { kind: "environment", ...environment };
  },
);

const sampling: Decoder<number> = decodeWith(number, (value, cursor) =>
  value >= 0 && value <= 100
    ? value
    : schemaError(cursor, `sampling percentage ${value} is not in 0-100`),
);

const tracing = object<TelemetryTracing>(
  {
    match: optional(
      object<NonNullable<TelemetryTracing["match"]>>(
        { mode: optional(oneOf("CLIENT", "SERVER", "CLIENT_AND_SERVER")) },
        refuse,
      ),
    ),
    providers: optional(list(object<{ name: string }>({ name: required(string) }, refuse))),
    randomSamplingPercentage: optional(sampling),
    disableSpanReporting: optional(boolean),
    useRequestIdForTraceSampling: optional(boolean),
    customTags: optional(record(customTag)),
    enableIstioTags: optional(boolean),
  },
  refuse,
);

export const telemetry: Decoder<Telemetry> = resource(
  "Telemetry",
  object<TelemetrySpec>(
    {
      selector: optional(
        object<NonNullable<TelemetrySpec["selector"]>>(
          { matchLabels: optional(record(text)) },
          refuse,
        ),
      ),
      tracing: optional(list(tracing)),
    },
    {
      ...refuse,
      unsupported: {
        metrics: "metrics settings (metrics)",
        accessLogging: "access log settings (accessLogging)",
        targetRef: "attaching to a Gateway API resource (targetRef)",
        targetRefs: "attaching to a Gateway API resource (targetRefs)",
      },
    },
  ),
);

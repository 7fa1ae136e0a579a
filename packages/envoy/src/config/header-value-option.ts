/** Headers to add, with format strings in the value. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-headervalueoption */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { type Fields, flag, optional, repeated, required, withDefault } from "./decode/field.ts";
import { fieldPlace, message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";

export type HeaderAppendAction =
  | "APPEND_IF_EXISTS_OR_ADD"
  | "ADD_IF_ABSENT"
  | "OVERWRITE_IF_EXISTS_OR_ADD"
  | "OVERWRITE_IF_EXISTS";

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string };
  /** The deprecated `append` is folded in: true is APPEND_IF_EXISTS_OR_ADD, false OVERWRITE_IF_EXISTS_OR_ADD. */
  readonly appendAction: HeaderAppendAction;
  readonly keepEmptyValue: boolean;
}

/** What may be changed at each level: route, weighted cluster, virtual host, route configuration. */
export interface HeaderChanges {
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToRemove: readonly string[];
  readonly responseHeadersToAdd: readonly HeaderValueOption[];
  readonly responseHeadersToRemove: readonly string[];
}

interface HeaderValue {
  readonly key: string;
  readonly value: string;
}

export const headerValue: Decoder<HeaderValue> = message<HeaderValue>(
  "envoy.config.core.v3.HeaderValue",
  {
    key: required(string({ minLen: 1, maxBytes: 16384, header: "name" })),
    value: withDefault(string({ maxBytes: 16384, header: "value" }), ""),
  },
  { unsupported: { raw_value: "raw header values" } },
);

interface AsWritten {
  readonly header: HeaderValue;
  readonly append?: boolean;
  readonly appendAction?: HeaderAppendAction;
  readonly keepEmptyValue: boolean;
}

const asWritten: Decoder<AsWritten> = message<AsWritten>(
  "envoy.config.core.v3.HeaderValueOption",
  {
    header: required(headerValue),
    append: optional(bool()),
    appendAction: optional(
      enumeration<HeaderAppendAction>("envoy.config.core.v3.HeaderValueOption.HeaderAppendAction", {
        APPEND_IF_EXISTS_OR_ADD: 0,
        ADD_IF_ABSENT: 1,
        OVERWRITE_IF_EXISTS_OR_ADD: 2,
        OVERWRITE_IF_EXISTS: 3,
      }),
    ),
    keepEmptyValue: flag(),
  },
  {
    check({ append, appendAction = "APPEND_IF_EXISTS_OR_ADD" }, at, node) {
      if (append === undefined || appendAction === "APPEND_IF_EXISTS_OR_ADD") return;
      const message = "append and append_action exclude each other";
      at.add(
        "listeners",
        fieldPlace(node, "append"),
        message,
        "Both append and append_action are set and it's not allowed",
      );
    },
  },
);

export const headerValueOption: Decoder<HeaderValueOption> = {
  ...asWritten,
  decode(node, at) {
    const decoded = asWritten.decode(node, at);
    if (decoded === undefined) return undefined;
    const { header, append, appendAction = "APPEND_IF_EXISTS_OR_ADD", keepEmptyValue } = decoded;
    const action = append === false ? "OVERWRITE_IF_EXISTS_OR_ADD" : appendAction;
    return { header, appendAction: action, keepEmptyValue };
  },
};

/** Four fields which routes, weighted clusters, virtual hosts and route configurations share. */
export const headerChanges: Fields<HeaderChanges> = {
  requestHeadersToAdd: repeated(headerValueOption, { maxItems: 1000 }),
  requestHeadersToRemove: repeated(string({ minLen: 1, header: "name" })),
  responseHeadersToAdd: repeated(headerValueOption, { maxItems: 1000 }),
  responseHeadersToRemove: repeated(string({ minLen: 1, header: "name" })),
};

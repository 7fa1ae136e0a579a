/** envoy.service.auth.v3.CheckResponse. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/external_auth.proto */
import {
  type Allowed,
  type Authorization,
  failed,
  type HeaderChange,
  type HeaderChangeKind,
  type Metadata,
} from "./authorization.ts";
import { MalformedMessage, Message } from "./protobuf-fields.ts";

const defaultDeniedStatus = 403;

/** HeaderValueOption.append_action by number. */
const actions: readonly HeaderChangeKind[] = ["add", "add-if-absent", "set", "set-if-present"];

/** Undefined: the bytes are no CheckResponse. */
export function decodeCheckResponse(bytes: Buffer): Authorization | undefined {
  try {
    return readResponse(new Message(bytes));
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

function readResponse(response: Message): Authorization {
  const ok = response.message(3);
  const metadata = readStruct(ok?.message(3) ?? response.message(4));
  if ((response.message(1)?.number(1) ?? 0) === 0) return readAllowed(ok, metadata);
  const error = response.message(5);
  if (error !== undefined) {
    const status = error.message(1)?.number(1);
    const { headers, body } = readReply(error);
    return { ...failed, status: status === 0 ? undefined : status, headers, body, metadata };
  }
  const denied = response.message(2);
  const status = denied?.message(1)?.number(1);
  return { kind: "denied", status: status || defaultDeniedStatus, ...readReply(denied), metadata };
}

function readAllowed(ok: Message | undefined, metadata: Metadata): Allowed {
  return {
    kind: "allowed",
    // Envoy does not heed append_action here.
    requestHeaders: ok?.messages(2).map((option) => readHeader(option, "set")) ?? [],
    requestHeadersToRemove: ok?.all(5).map((name) => name.toString("latin1")) ?? [],
    responseHeaders: ok?.messages(6).map(readResponseHeader) ?? [],
    queryToSet: ok?.messages(7).map((pair) => [pair.text(1), pair.text(2)] as const) ?? [],
    queryToRemove: ok?.all(8).map((key) => key.toString("latin1")) ?? [],
    metadata,
  };
}

/** Headers that are to be appended are left out: there is nothing yet to append them to. */
function readReply(reply: Message | undefined): {
  headers: readonly (readonly [string, string])[];
  body: Buffer;
} {
  const changes = reply?.messages(2).map((option) => readHeader(option, "set")) ?? [];
  return {
    headers: changes.flatMap(({ kind, name, value }) =>
      kind === "set" ? [[name, value] as const] : [],
    ),
    body: reply?.bytes(3) ?? Buffer.alloc(0),
  };
}

function readHeader(option: Message, otherwise: HeaderChangeKind): HeaderChange {
  const header = option.message(1);
  const append = option.message(2)?.number(1);
  return {
    kind: append === 1 ? "append" : otherwise,
    name: header?.text(1).toLowerCase() ?? "",
    // raw_value where value cannot hold it.
    value: header?.text(2) || header?.text(3) || "",
  };
}

function readResponseHeader(option: Message): HeaderChange {
  const action = option.number(3) ?? 0;
  const kind = option.has(2) ? "set" : (actions[action] ?? "set");
  const change = readHeader(option, kind);
  return change.kind === "append" ? { ...change, kind: "add" } : change;
}

function readStruct(struct: Message | undefined): Metadata {
  if (struct === undefined) return {};
  return Object.fromEntries(
    struct.messages(1).map((entry) => [textOf(entry.bytes(1)), readValue(entry.message(2))]),
  );
}

/** google.protobuf.Value. */
function readValue(value: Message | undefined): unknown {
  if (value === undefined || value.has(1)) return null;
  if (value.has(2)) return value.number(2);
  if (value.has(3)) return textOf(value.bytes(3));
  if (value.has(4)) return value.number(4) === 1;
  if (value.has(5)) return readStruct(value.message(5));
  if (value.has(6)) return value.message(6)?.messages(1).map(readValue) ?? [];
  return null;
}

function textOf(bytes: Buffer | undefined): string {
  return bytes?.toString("utf8") ?? "";
}

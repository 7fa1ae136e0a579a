/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/buffer/v3/buffer.proto */
import { optional, required } from "../decode/field.ts";
import { extension, type MessageDecoder, message } from "../decode/message.ts";
import { onlyTrue, uint32 } from "../decode/scalars.ts";

export interface Buffer {
  readonly type: "Buffer";
  readonly maxRequestBytes: number;
}

/** Exactly one is present. */
export interface BufferPerRoute {
  readonly type: "BufferPerRoute";
  readonly disabled?: true;
  readonly buffer?: { readonly maxRequestBytes: number };
}

const name = "envoy.extensions.filters.http.buffer.v3.Buffer";

const maxRequestBytes = required({ ...uint32({ gt: 0 }), absentRule: "value is required" });

export const buffer: MessageDecoder<Buffer> = extension<Buffer>(name, "Buffer", {
  maxRequestBytes,
});

export const bufferPerRoute: MessageDecoder<BufferPerRoute> = extension<BufferPerRoute>(
  `${name}PerRoute`,
  "BufferPerRoute",
  {
    disabled: optional(onlyTrue()),
    buffer: optional(message<{ readonly maxRequestBytes: number }>(name, { maxRequestBytes })),
  },
  { oneofs: [{ name: "override", fields: ["disabled", "buffer"], required: true }] },
);

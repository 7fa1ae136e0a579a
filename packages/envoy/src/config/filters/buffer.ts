/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/buffer/v3/buffer.proto */

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

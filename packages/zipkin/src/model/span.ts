/** Zipkin's v2 span model. https://zipkin.io/zipkin-api/#/default/post_spans */

export type Kind = "CLIENT" | "SERVER" | "PRODUCER" | "CONSUMER";

export interface Endpoint {
  /** Lower case; absent rather than empty. */
  readonly serviceName?: string;
  /** Dotted decimal. */
  readonly ipv4?: string;
  /** Canonical text form, lower case. */
  readonly ipv6?: string;
  readonly port?: number;
}

export interface Annotation {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  readonly value: string;
}

/** One half of one hop, as reported. Properties are in the order Zipkin writes them. */
export interface Span {
  /** 16 or 32 lower-case hex digits. */
  readonly traceId: string;
  readonly parentId?: string;
  /** 16 lower-case hex digits. */
  readonly id: string;
  readonly kind?: Kind;
  readonly name?: string;
  /** Microseconds since the epoch. */
  readonly timestamp?: number;
  /** Microseconds. */
  readonly duration?: number;
  readonly localEndpoint?: Endpoint;
  readonly remoteEndpoint?: Endpoint;
  readonly annotations?: readonly Annotation[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly debug?: true;
  readonly shared?: true;
}

/** The same record while a decoder fills it; `Span` is the read-only view handed out. */
export type SpanDraft = { -readonly [Field in keyof Span]: Span[Field] };
export type EndpointDraft = { -readonly [Field in keyof Endpoint]: Endpoint[Field] };

export const kinds: readonly Kind[] = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"];

/** The right 16 digits, on which both id widths of one trace agree. */
export function lowTraceId(traceId: string): string {
  return traceId.length === 32 ? traceId.slice(16) : traceId;
}

/** Reads back what a store has written: no checks. */
export function parseSpan(json: Uint8Array): Span {
  return JSON.parse(decoder.decode(json)) as Span;
}

/** The same of a list. */
export function parseTrace(json: Uint8Array): readonly Span[] {
  return JSON.parse(decoder.decode(json)) as readonly Span[];
}

const decoder = new TextDecoder();

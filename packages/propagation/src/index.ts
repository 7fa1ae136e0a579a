// For users

export { activeContext, bindContext, runWithContext } from "./active-context.ts";
export { fetchHeadersGetter, fetchHeadersSetter } from "./carriers/fetch-headers.ts";
export { type NodeRequest, nodeHttpGetter } from "./carriers/node-http.ts";
export {
  FORWARDING_PRESETS,
  type ForwardingOptions,
  type ForwardingPreset,
  forwardedHeaders,
  forwardingFields,
  isTraceContextField,
} from "./forwarding.ts";
export { type Middleware, type MiddlewareOptions, middleware } from "./middleware.ts";
export { otelContextManager } from "./otel-context-manager.ts";
export { createPropagator, type PropagatorOptions } from "./otel-propagator.ts";
export { createFetch, type FetchOptions } from "./propagating-fetch.ts";
export {
  EMPTY,
  type Extracted,
  isSampled,
  isSpanId,
  isTraceId,
  padTraceId,
  type Sampling,
  type TraceContext,
} from "./trace-context.ts";
export { TRACE_MODES, type TraceMode } from "./trace-mode.ts";

// For other packages

export {
  type Getter,
  type HeaderRecord,
  recordGetter,
  recordSetter,
  type Setter,
} from "./carrier.ts";
export { reasonOf } from "./client-span.ts";
export { declareSoleInjector } from "./coexistence.ts";
export { B3_FIELDS, type B3Format, extractB3, injectB3 } from "./formats/b3.ts";
export { extractB3Multi, injectB3Multi } from "./formats/b3-multi.ts";
export { parseB3Single, writeB3Single } from "./formats/b3-single.ts";
export { parseTraceReason, type TraceReason, X_REQUEST_ID } from "./formats/request-id.ts";
export { parseTraceparent, type Traceparent, writeTraceparent } from "./formats/traceparent.ts";
export { parseTracestate } from "./formats/tracestate.ts";
export { outgoing } from "./otel-propagator.ts";
export { getExtracted, getForwarded, withExtracted, withForwarded } from "./request-context.ts";

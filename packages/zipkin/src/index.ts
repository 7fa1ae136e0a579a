// For users

// For other packages
export { type Call, type DependencyLink, sumCalls } from "./links/dependency-link.ts";
export { findCalls } from "./links/find-calls.ts";
export { buildSpanTree, type SpanNode } from "./links/span-tree.ts";
export { type CommandIo, main } from "./main.ts";
export type { Annotation, Endpoint, Kind, Span } from "./model/span.ts";
export { type RunningZipkin, startZipkin, type ZipkinOptions } from "./start-zipkin.ts";
export type { Storage, StorageUsage } from "./storage/storage.ts";

/**
 * What a service does with the trace of a request.
 * `participate`: own spans, new ids. `forward`: the headers as they came, no spans. `off`: neither.
 */
export type TraceMode = "participate" | "forward" | "off";

export const TRACE_MODES: readonly TraceMode[] = ["participate", "forward", "off"];

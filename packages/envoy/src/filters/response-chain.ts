/** The filters' way back: the response passes the last filter first and the codec at the end. */
import type { HttpFilter, ResponseSink } from "./filter.ts";

/** Undefined: no filter wants more than to see the headers, so there is no need of a chain. */
export function responseChain(
  filters: readonly HttpFilter[],
  codec: () => ResponseSink,
): ResponseSink | undefined {
  if (!filters.some((filter) => filter.wrapResponse !== undefined)) return undefined;
  let sink = codec();
  for (const filter of filters) {
    if (filter.wrapResponse !== undefined) sink = filter.wrapResponse(sink);
    else if (filter.encodeHeaders !== undefined) sink = seeingHeaders(filter, sink);
  }
  return sink;
}

function seeingHeaders(filter: HttpFilter, next: ResponseSink): ResponseSink {
  return {
    headers(headers, endStream) {
      filter.encodeHeaders?.(headers);
      next.headers(headers, endStream);
    },
    data: (chunk, endStream) => next.data(chunk, endStream),
    trailers: (trailers) => next.trailers(trailers),
  };
}

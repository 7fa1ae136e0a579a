/** Waits for the whole request, up to a limit. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter */
import type { Buffer as BufferConfig } from "../config/filters/buffer.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { routeConfig } from "./switchable.ts";

export function createBuffer(name: string, config: BufferConfig): HttpFilterFactory {
  return {
    name,
    create(stream) {
      const own = routeConfig(stream, name);
      if (own?.type !== "BufferPerRoute") return new BufferFilter(stream, config.maxRequestBytes);
      const limit = own.buffer?.maxRequestBytes ?? config.maxRequestBytes;
      return new BufferFilter(stream, own.disabled === true ? undefined : limit);
    },
  };
}

class BufferFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #limit: number | undefined;
  #headers: HeaderMap | undefined;
  #bytes = 0;

  constructor(stream: FilterStream, limit: number | undefined) {
    this.#stream = stream;
    this.#limit = limit;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): Verdict {
    // An upgrade has no end either, and waits here as in Envoy.
    if (endStream || this.#limit === undefined) return "continue";
    this.#headers = headers;
    return "stop";
  }

  decodeData(chunk: Buffer, endStream: boolean): Verdict {
    const headers = this.#headers;
    if (headers === undefined || this.#limit === undefined) return "continue";
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit) {
      this.#stream.sendLocalReply({
        status: 413,
        body: "Payload Too Large",
        details: "request_payload_too_large",
        closes: true,
      });
      return "stop";
    }
    if (!endStream) return "stop";
    // The length is known now, so the upstream need not get chunks.
    if (!headers.has("content-length")) headers.set("content-length", String(this.#bytes));
    this.#headers = undefined;
    return "continue";
  }

  decodeTrailers(): Verdict {
    this.#headers = undefined;
    return "continue";
  }
}

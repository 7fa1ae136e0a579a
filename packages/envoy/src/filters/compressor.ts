/** Compresses responses that the client takes compressed. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/compressor_filter */
import type { Transform } from "node:stream";
import type { Compressor as CompressorConfig } from "../config/filters/compressor.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import { chooseEncoding, type EncodingChoice } from "./accept-encoding.ts";
import { type CompressionLibrary, compressionLibrary } from "./compression-library.ts";
import type {
  FilterStream,
  HttpFilter,
  HttpFilterFactory,
  ResponseSink,
  Verdict,
} from "./filter.ts";
import { routeConfig } from "./switchable.ts";

export interface CompressorDependencies {
  readonly stats: StatsStore;
  readonly statPrefix: string;
}

const defaultMinContentLength = 30;
const defaultContentTypes: readonly string[] = [
  "text/html", "text/plain", "text/css", "application/javascript", "application/x-javascript", "text/javascript", "text/x-javascript",
  "text/ecmascript", "text/js", "text/jscript", "text/x-js", "application/ecmascript", "application/x-json", "application/xml",
  "application/json", "image/svg+xml", "text/xml", "application/xhtml+xml",
]; // biome-ignore format: a table
const empty = Buffer.alloc(0);

export function createCompressor(
  name: string,
  config: CompressorConfig,
  dependencies: CompressorDependencies,
): HttpFilterFactory {
  const settings = new CompressorSettings(config, dependencies);
  return {
    name,
    create(stream) {
      const own = routeConfig(stream, name);
      if (own?.type === "CompressorPerRoute" && own.disabled === true) return settings.off;
      return new CompressorFilter(stream, settings);
    },
  };
}

class CompressorSettings {
  readonly library: CompressionLibrary;
  readonly minContentLength: number;
  readonly contentTypes: ReadonlySet<string>;
  readonly disableOnEtag: boolean;
  readonly removeAcceptEncoding: boolean;
  readonly choices: Readonly<Record<EncodingChoice, Counter>>;
  readonly notCompressedEtag: Counter;
  readonly requestNotCompressed: Counter;
  readonly compressed: Counter;
  readonly notCompressed: Counter;
  readonly tooSmall: Counter;
  readonly compressedBytes: Counter;
  readonly uncompressedBytes: Counter;
  /** For routes that switch it off: it counts what it does not do. */
  readonly off: HttpFilter = {
    decodeHeaders: () => {
      this.requestNotCompressed.inc();
      return "continue";
    },
    encodeHeaders: () => this.notCompressed.inc(),
  };

  constructor(config: CompressorConfig, { stats, statPrefix }: CompressorDependencies) {
    const { compressorLibrary, responseDirectionConfig: response } = config;
    const common = response?.commonConfig;
    const contentTypes = common?.contentType ?? [];
    this.library = compressionLibrary(compressorLibrary.config);
    this.minContentLength = common?.minContentLength ?? defaultMinContentLength;
    this.contentTypes = new Set(contentTypes.length === 0 ? defaultContentTypes : contentTypes);
    this.disableOnEtag = response?.disableOnEtagHeader ?? false;
    this.removeAcceptEncoding = response?.removeAcceptEncodingHeader ?? false;
    const prefix = `http.${statPrefix}.compressor.${compressorLibrary.name}.${this.library.statName}.`;
    const counter = (suffix: string): Counter => stats.counter(prefix + suffix);
    this.choices = {
      no_accept_header: counter("no_accept_header"),
      header_compressor_used: counter("header_compressor_used"),
      header_wildcard: counter("header_wildcard"),
      header_identity: counter("header_identity"),
      header_not_valid: counter("header_not_valid"),
    };
    // Of a compressor that another one beside it outdoes: listed, as in Envoy, and 0.
    counter("header_compressor_overshadowed");
    this.notCompressedEtag = counter("not_compressed_etag");
    this.requestNotCompressed = counter("request.not_compressed");
    for (const suffix of requestStats) counter(`request.${suffix}`);
    const direction = response === undefined ? "" : "response.";
    this.compressed = counter(`${direction}compressed`);
    this.notCompressed = counter(`${direction}not_compressed`);
    this.tooSmall = counter(`${direction}content_length_too_small`);
    this.compressedBytes = counter(`${direction}total_compressed_bytes`);
    this.uncompressedBytes = counter(`${direction}total_uncompressed_bytes`);
  }
}

/** Requests are not compressed here; Envoy lists these all the same. */
const requestStats = [
  "compressed",
  "content_length_too_small",
  "total_compressed_bytes",
  "total_uncompressed_bytes",
] as const;

class CompressorFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #settings: CompressorSettings;
  #acceptEncoding: string | undefined;
  #compressor: Transform | undefined;

  constructor(stream: FilterStream, settings: CompressorSettings) {
    this.#stream = stream;
    this.#settings = settings;
  }

  decodeHeaders(headers: HeaderMap): Verdict {
    this.#acceptEncoding = headers.get("accept-encoding");
    if (this.#settings.removeAcceptEncoding) headers.remove("accept-encoding");
    this.#settings.requestNotCompressed.inc();
    return "continue";
  }

  wrapResponse(next: ResponseSink): ResponseSink {
    return {
      headers: (headers, endStream) => {
        if (this.#compresses(headers, endStream)) this.#start(next);
        next.headers(headers, endStream);
      },
      data: (chunk, endStream) => {
        const compressor = this.#compressor;
        if (compressor === undefined) return next.data(chunk, endStream);
        this.#settings.uncompressedBytes.add(chunk.length);
        if (!endStream) return compressor.write(chunk);
        compressor.once("end", () => next.data(empty, true)).end(chunk);
        return true;
      },
      trailers: (trailers) => {
        const compressor = this.#compressor;
        if (compressor === undefined) next.trailers(trailers);
        else compressor.once("end", () => next.trailers(trailers)).end();
      },
    };
  }

  onDownstreamDrain(): void {
    this.#compressor?.resume();
  }

  onDestroy(): void {
    this.#compressor?.destroy();
  }

  #start(next: ResponseSink): void {
    const { library, compressedBytes } = this.#settings;
    const compressor = library.create();
    this.#compressor = compressor;
    compressor.on("data", (chunk: Buffer) => {
      compressedBytes.add(chunk.length);
      if (!next.data(chunk, false)) compressor.pause();
    });
    compressor.on("drain", () => this.#stream.responseDrained());
    compressor.on("error", () => this.#stream.resetStream());
  }

  /** Decides, counts, and changes the headers accordingly. */
  #compresses(headers: HeaderMap, endStream: boolean): boolean {
    const settings = this.#settings;
    if (!this.#isLongEnough(headers)) {
      settings.notCompressed.inc();
      return false;
    }
    const isType = this.#isContentType(headers);
    const isCompressible =
      isType &&
      this.#stream.upgrade === undefined &&
      !hasToken(headers.get("cache-control"), "no-transform") &&
      this.#isEtagAllowed(headers) &&
      !headers.has("content-encoding");
    const compresses = !endStream && this.#isAccepted(isType) && isCompressible;
    if (compresses) {
      // A strong etag names the bytes, and they are others now.
      if (headers.get("etag")?.match(/^W\//i) === null) headers.remove("etag");
      headers.remove("content-length");
      headers.set("content-encoding", settings.library.encoding);
      settings.compressed.inc();
    } else settings.notCompressed.inc();
    // Caches have to know, whatever became of this response.
    if (isCompressible) addVary(headers);
    return compresses;
  }

  #isLongEnough(headers: HeaderMap): boolean {
    const length = headers.get("content-length");
    if (length === undefined || Number(length) >= this.#settings.minContentLength) return true;
    this.#settings.tooSmall.inc();
    return false;
  }

  #isContentType(headers: HeaderMap): boolean {
    const type = headers.get("content-type");
    return (
      type === undefined || this.#settings.contentTypes.has((type.split(";", 1)[0] ?? "").trim())
    );
  }

  #isEtagAllowed(headers: HeaderMap): boolean {
    if (!this.#settings.disableOnEtag || !headers.has("etag")) return true;
    this.#settings.notCompressedEtag.inc();
    return false;
  }

  #isAccepted(isType: boolean): boolean {
    const { library, choices } = this.#settings;
    const choice = chooseEncoding(this.#acceptEncoding, isType ? library.encoding : undefined);
    choices[choice].inc();
    return choice === "header_compressor_used" || choice === "header_wildcard";
  }
}

function hasToken(list: string | undefined, token: string): boolean {
  return list?.split(",").some((item) => item.trim().toLowerCase() === token) ?? false;
}

function addVary(headers: HeaderMap): void {
  const vary = headers.get("vary");
  if (vary === undefined || vary === "") headers.set("vary", "Accept-Encoding");
  else if (!vary.split(",").some((item) => item.trim() === "Accept-Encoding"))
    headers.set("vary", `${vary}, Accept-Encoding`);
}

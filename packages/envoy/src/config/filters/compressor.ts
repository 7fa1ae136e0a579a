/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/compressor/v3/compressor.proto */
import type { CompressorLibrary } from "../compression.ts";
import { compressorLibrary } from "../compression.ts";
import { flag, optional, repeated, required } from "../decode/field.ts";
import { extension, type MessageDecoder, message } from "../decode/message.ts";
import { onlyTrue, string, uint32 } from "../decode/scalars.ts";
import type { TypedExtension } from "../extension.ts";

export interface Compressor {
  readonly type: "Compressor";
  readonly compressorLibrary: TypedExtension<CompressorLibrary>;
  readonly responseDirectionConfig?: ResponseDirectionConfig;
}

export interface ResponseDirectionConfig {
  readonly commonConfig?: CommonDirectionConfig;
  readonly disableOnEtagHeader: boolean;
  readonly removeAcceptEncodingHeader: boolean;
}

export interface CommonDirectionConfig {
  /** Bytes; absent: 30. */
  readonly minContentLength?: number;
  /** Empty: the usual texts. */
  readonly contentType: readonly string[];
}

export interface CompressorPerRoute {
  readonly type: "CompressorPerRoute";
  readonly disabled?: true;
}

const name = "envoy.extensions.filters.http.compressor.v3.Compressor";
const deprecated = "a deprecated field of the compressor (use response_direction_config)";

const commonDirectionConfig = message<CommonDirectionConfig>(
  `${name}.CommonDirectionConfig`,
  { minContentLength: optional(uint32()), contentType: repeated(string()) },
  {
    unsupported: {
      enabled: "switching compression at run time",
      content_type_matcher: "matchers of content types",
    },
  },
);

const responseDirectionConfig = message<ResponseDirectionConfig>(
  `${name}.ResponseDirectionConfig`,
  {
    commonConfig: optional(commonDirectionConfig),
    disableOnEtagHeader: flag(),
    removeAcceptEncodingHeader: flag(),
  },
  {
    unsupported: {
      uncompressible_response_codes: "response codes that are not compressed",
      status_header_enabled: "the compressor's status header",
      weaken_etag_on_compress: "weakened etags of compressed responses",
    },
  },
);

export const compressor: MessageDecoder<Compressor> = extension<Compressor>(
  name,
  "Compressor",
  {
    compressorLibrary: required(compressorLibrary),
    responseDirectionConfig: optional(responseDirectionConfig),
  },
  {
    unsupported: {
      content_length: deprecated,
      content_type: deprecated,
      disable_on_etag_header: deprecated,
      remove_accept_encoding_header: deprecated,
      runtime_enabled: deprecated,
      request_direction_config: "compression of requests",
      choose_first: "precedence among compressors",
    },
  },
);

export const compressorPerRoute: MessageDecoder<CompressorPerRoute> = extension<CompressorPerRoute>(
  `${name.replace(/Compressor$/, "")}CompressorPerRoute`,
  "CompressorPerRoute",
  { disabled: optional(onlyTrue()) },
  { unsupported: { overrides: "compressor settings of routes" } },
);

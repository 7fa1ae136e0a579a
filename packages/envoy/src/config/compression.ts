/** Compressor libraries. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/compression/gzip/compressor/v3/gzip.proto and its siblings */
import type { Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional } from "./decode/field.ts";
import { extension } from "./decode/message.ts";
import { uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";

export interface GzipCompressor {
  readonly type: "Gzip";
  /** 1 to 9; absent or 0: zlib's own. */
  readonly compressionLevel?: keyof typeof gzipLevels;
  readonly memoryLevel?: number;
  readonly windowBits?: number;
}

export interface BrotliCompressor {
  readonly type: "Brotli";
  readonly quality?: number;
  readonly windowBits?: number;
}

export interface ZstdCompressor {
  readonly type: "Zstd";
  readonly compressionLevel?: number;
  readonly enableChecksum: boolean;
}

export type CompressorLibrary = GzipCompressor | BrotliCompressor | ZstdCompressor;

export const gzipLevels = {
  DEFAULT_COMPRESSION: 0, BEST_SPEED: 1, COMPRESSION_LEVEL_1: 1, COMPRESSION_LEVEL_2: 2, COMPRESSION_LEVEL_3: 3, COMPRESSION_LEVEL_4: 4,
  COMPRESSION_LEVEL_5: 5, COMPRESSION_LEVEL_6: 6, COMPRESSION_LEVEL_7: 7, COMPRESSION_LEVEL_8: 8, COMPRESSION_LEVEL_9: 9,
  BEST_COMPRESSION: 9,
} as const; // biome-ignore format: a table

const chunkSize = { chunk_size: "output goes on as the library gives it" };
const gzip = "envoy.extensions.compression.gzip.compressor.v3.Gzip";
const brotli = "envoy.extensions.compression.brotli.compressor.v3.Brotli";
const zstd = "envoy.extensions.compression.zstd.compressor.v3.Zstd";

const libraries: Registry<CompressorLibrary> = {
  [gzip]: extension<GzipCompressor>(
    gzip,
    "Gzip",
    {
      compressionLevel: optional(enumeration(`${gzip}.CompressionLevel`, gzipLevels)),
      memoryLevel: optional(uint32({ gte: 1, lte: 9 })),
      windowBits: optional(uint32({ gte: 9, lte: 15 })),
    },
    { accepted: chunkSize, unsupported: { compression_strategy: "strategies of gzip" } },
  ),
  [brotli]: extension<BrotliCompressor>(
    brotli,
    "Brotli",
    {
      quality: optional(uint32({ lte: 11 })),
      windowBits: optional(uint32({ gte: 10, lte: 24 })),
    },
    {
      accepted: chunkSize,
      unsupported: {
        encoder_mode: "encoder modes of Brotli",
        input_block_bits: "block sizes of Brotli",
        disable_literal_context_modeling: "context modelling of Brotli",
      },
    },
  ),
  [zstd]: extension<ZstdCompressor>(
    zstd,
    "Zstd",
    { compressionLevel: optional(uint32()), enableChecksum: flag() },
    {
      accepted: chunkSize,
      unsupported: { strategy: "strategies of Zstandard", dictionary: "dictionaries of Zstandard" },
    },
  ),
};

export const compressorLibrary: Decoder<TypedExtension<CompressorLibrary>> =
  namedExtension<CompressorLibrary>(
    "envoy.config.core.v3.TypedExtensionConfig",
    {
      category: "compressor library",
      packages: ["envoy.extensions.compression."],
      registry: () => libraries,
    },
    {},
  );

import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip, createZstdCompress } from "node:zlib";
import { type CompressorLibrary, gzipLevels } from "../config/compression.ts";

export interface CompressionLibrary {
  /** For content-encoding. */
  readonly encoding: string;
  /** In the names of statistics. */
  readonly statName: string;
  /** Gives out what it was given as soon as it can, compressed. */
  create(): Transform;
}

export function compressionLibrary(config: CompressorLibrary): CompressionLibrary {
  switch (config.type) {
    case "Gzip": {
      const { compressionLevel = "DEFAULT_COMPRESSION", memoryLevel, windowBits } = config;
      const level = gzipLevels[compressionLevel];
      const options = {
        flush: constants.Z_SYNC_FLUSH,
        ...(level === 0 ? {} : { level }),
        ...(memoryLevel === undefined ? {} : { memLevel: memoryLevel }),
        ...(windowBits === undefined ? {} : { windowBits }),
      };
      return { encoding: "gzip", statName: "gzip", create: () => createGzip(options) };
    }
    case "Brotli": {
      // Envoy's own defaults; the library's would be slower.
      const { quality = 3, windowBits = 18 } = config;
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_LGWIN]: windowBits,
      };
      const options = { flush: constants.BROTLI_OPERATION_FLUSH, params };
      return { encoding: "br", statName: "brotli", create: () => createBrotliCompress(options) };
    }
    case "Zstd": {
      const { compressionLevel = 3, enableChecksum } = config;
      const params = {
        [constants.ZSTD_c_compressionLevel]: compressionLevel,
        [constants.ZSTD_c_checksumFlag]: enableChecksum ? 1 : 0,
      };
      const options = { flush: constants.ZSTD_e_flush, params };
      return { encoding: "zstd", statName: "zstd", create: () => createZstdCompress(options) };
    }
  }
}

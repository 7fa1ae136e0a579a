/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto */
import type { AccessLogFilter } from "./access-log-filter.ts";
import { accessLogFilter } from "./access-log-filter.ts";
import type { Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { extension, type MessageDecoder } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { struct } from "./decode/struct.ts";
import type { Struct, TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";
import type { SubstitutionFormatString } from "./substitution-format.ts";
import { substitutionFormatString } from "./substitution-format.ts";

export interface AccessLog extends TypedExtension<AccessLogConfig> {
  readonly filter?: AccessLogFilter;
}

export type AccessLogConfig = FileAccessLog | StreamAccessLog;

/** Without a format: Envoy's default line. */
export interface FileAccessLog {
  readonly type: "FileAccessLog";
  readonly path: string;
  readonly logFormat?: SubstitutionFormatString;
}

export interface StreamAccessLog {
  readonly type: "StdoutAccessLog" | "StderrAccessLog";
  readonly logFormat?: SubstitutionFormatString;
}

const configPackage = "envoy.config.accesslog.v3";
const streamPackage = "envoy.extensions.access_loggers.stream.v3";
const fileName = "envoy.extensions.access_loggers.file.v3.FileAccessLog";

interface FileAsWritten extends FileAccessLog {
  readonly format?: string;
  readonly jsonFormat?: Struct;
  readonly typedJsonFormat?: Struct;
}

const fileAsWritten: MessageDecoder<FileAsWritten> = extension<FileAsWritten>(
  fileName,
  "FileAccessLog",
  {
    path: required(string({ minLen: 1 })),
    logFormat: optional(substitutionFormatString),
    format: optional(string()),
    jsonFormat: optional(struct()),
    typedJsonFormat: optional(struct()),
  },
  {
    oneofs: [
      {
        name: "access_log_format",
        fields: ["format", "json_format", "typed_json_format", "log_format"],
      },
    ],
  },
);

/** The three older ways to give a format become the one that took their place. */
const fileAccessLog: MessageDecoder<FileAccessLog> = {
  ...fileAsWritten,
  decode(node, at) {
    const decoded = fileAsWritten.decode(node, at);
    if (decoded === undefined) return undefined;
    const { type, path, logFormat, format, jsonFormat, typedJsonFormat } = decoded;
    const json = jsonFormat ?? typedJsonFormat;
    if (logFormat !== undefined) return { type, path, logFormat };
    if (format !== undefined)
      return { type, path, logFormat: { textFormat: format, omitEmptyValues: false } };
    if (json !== undefined)
      return { type, path, logFormat: { jsonFormat: json, omitEmptyValues: false } };
    return { type, path };
  },
};

const stream = (type: StreamAccessLog["type"]): MessageDecoder<StreamAccessLog> =>
  extension<StreamAccessLog>(`${streamPackage}.${type}`, type, {
    logFormat: optional(substitutionFormatString),
  });

const registry: Registry<AccessLogConfig> = {
  [fileName]: fileAccessLog,
  [`${streamPackage}.StdoutAccessLog`]: stream("StdoutAccessLog"),
  [`${streamPackage}.StderrAccessLog`]: stream("StderrAccessLog"),
};

export const accessLog: Decoder<AccessLog> = namedExtension<
  AccessLogConfig,
  { readonly filter?: AccessLogFilter }
>(
  `${configPackage}.AccessLog`,
  {
    category: "access log",
    packages: ["envoy.extensions.access_loggers."],
    registry: () => registry,
    nameIsOptional: true,
  },
  { filter: optional(accessLogFilter) },
);

/** How a request becomes a line. Lines are bytes, one a character, so that header values appear as they came. */
import type { SubstitutionFormatString } from "../config/substitution-format.ts";
import { compileFormat } from "../formatter/compile-format.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { readDataSource } from "../routing/data-source.ts";
import { compileJsonFormat } from "./json-format.ts";

export type WriteLine = (info: StreamInfo) => string;

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#default-format-string */
const defaultFormat =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% " +
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

export function compileLineFormat(
  config: SubstitutionFormatString | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): WriteLine {
  const omitEmpty = config?.omitEmptyValues ?? false;
  if (config?.jsonFormat !== undefined) return compileJsonFormat(config.jsonFormat, omitEmpty);
  const text =
    config?.textFormat ??
    (config?.textFormatSource === undefined
      ? defaultFormat
      : readDataSource(config.textFormatSource, environment).toString());
  const formatter = compileFormat(text, omitEmpty ? "" : "-");
  return (info) => formatter.format(info);
}

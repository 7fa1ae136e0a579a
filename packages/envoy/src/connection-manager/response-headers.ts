/** What every response gets on its way out, whoever made it. */
import type { HttpConnectionManager } from "../config/http-connection-manager.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { DateHeader } from "../time/clock.ts";
import { appendVia } from "./request-headers.ts";

export interface ResponseHeaderRules {
  readonly serverName: string;
  readonly serverHeader: "OVERWRITE" | "APPEND_IF_ABSENT" | "PASS_THROUGH";
  readonly via: string;
  readonly alwaysSetRequestId: boolean;
}

export function compileResponseHeaderRules(config: HttpConnectionManager): ResponseHeaderRules {
  const serverName = config.serverName ?? "";
  return {
    serverName: serverName === "" ? "envoy" : serverName,
    serverHeader: config.serverHeaderTransformation ?? "OVERWRITE",
    via: config.via ?? "",
    alwaysSetRequestId: config.alwaysSetRequestIdInResponse,
  };
}

const framing: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "keep-alive",
  "proxy-connection",
]);
const hopByHop: ReadonlySet<string> = new Set([...framing, "connection", "upgrade"]);

export function finishResponseHeaders(
  response: HeaderMap,
  request: HeaderMap,
  rules: ResponseHeaderRules,
  date: DateHeader,
  upgraded: boolean,
): void {
  if (!response.has("date")) response.add("date", date.value(Date.now()));
  if (rules.serverHeader === "OVERWRITE") response.set("server", rules.serverName);
  else if (rules.serverHeader === "APPEND_IF_ABSENT" && !response.has("server"))
    response.add("server", rules.serverName);
  response.removeAll(upgraded ? framing : hopByHop);
  if (rules.alwaysSetRequestId || request.has("x-envoy-force-trace")) {
    const id = request.get("x-request-id");
    if (id !== undefined) response.set("x-request-id", id);
  }
  if (rules.via !== "") appendVia(response, rules.via);
}

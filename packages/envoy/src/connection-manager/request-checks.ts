/** What a request is answered for before anything else happens to it. Each check gives the answer, or undefined and the request goes on. */
import { isGrpcContentType } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { removeNominatedHeaders } from "./connection-header.ts";
import type { LocalReply } from "./local-reply.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { normalisePath } from "./path-normalisation.ts";

/** A request that is wrong in itself: the connection ends with the answer. */
export function refusal(status: number, body: string, details: string): LocalReply {
  return { status, body, details, closes: true };
}

/** Takes out what Connection names. */
export function checkConnectionHeader(headers: HeaderMap): LocalReply | undefined {
  if (removeNominatedHeaders(headers)) return undefined;
  return refusal(400, "Bad Request", "http1.connection_header_rejected");
}

export function checkUnderscores(
  headers: HeaderMap,
  { underscores }: ManagerSettings,
): LocalReply | undefined {
  if (underscores === "ALLOW") return undefined;
  const names = headers.lines.filter((name, i) => i % 2 === 0 && name.includes("_"));
  if (names.length > 0 && underscores === "REJECT_REQUEST")
    return refusal(400, "Bad Request", "http1.unexpected_underscore");
  for (const name of names) headers.remove(name);
  return undefined;
}

/** Normalises the path as the file wants. */
export function checkPath(headers: HeaderMap, { path }: ManagerSettings): LocalReply | undefined {
  const target = headers.get(":path");
  if (target === undefined || target === "") return undefined;
  if (!target.startsWith("/")) return { status: 404, body: "", details: "absolute_path_rejected" };
  const details = "path_normalization_failed";
  if (target.includes("#")) return refusal(400, "", details);
  const normalised = normalisePath(target, path);
  if (normalised.target !== target) headers.set(":path", normalised.target);
  // gRPC clients follow no redirects.
  const isLost = normalised.kind === "redirect" && isGrpcContentType(headers.get("content-type"));
  if (normalised.kind === "reject" || isLost) return refusal(400, "", details);
  if (normalised.kind === "continue") return undefined;
  const changeHeaders = (response: HeaderMap): void => response.add("location", normalised.target);
  return { status: 307, body: "", details, changeHeaders };
}

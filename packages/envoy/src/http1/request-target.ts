import type { HeadError } from "./header-syntax.ts";

/** The methods Envoy's parser knows; any other is a malformed request. */
export const methods: ReadonlySet<string> = new Set(
  (
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY OPTIONS " +
    "PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE"
  ).split(" "),
);

/** By byte: may stand in a token (RFC 9110 section 5.6.2). */
const isTokenByte: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)),
);

/** The first byte already tells what cannot be a request (a TLS hello, NULs): Envoy answers without waiting for the rest. */
export function startsMethod(byte: number): boolean {
  return isTokenByte[byte] === true;
}

export interface RequestTarget {
  readonly path?: string;
  /** From an absolute or authority form; it replaces Host. */
  readonly authority?: string;
  /** Of an absolute form, lower-case. */
  readonly scheme?: string;
}

const notVisible = /[^!-~]/;
const authorityCharacters = /^[A-Za-z0-9!$%&'()*+,\-.:;=@[\]_~]*$/;
const absoluteForm = /^([A-Za-z][A-Za-z0-9+\-.]*):\/\/([^/?]*)(.*)$/;
const hostAndPort = /^(\[[^\]]*\]|[^:[\]]+)(?::([0-9]{1,5}))?$/;

export function isAuthority(host: string): boolean {
  return authorityCharacters.test(host);
}

function isPort(port: string): boolean {
  return Number(port) > 0 && Number(port) <= 65535;
}

/** Reads the target of a request line. */
export function parseRequestTarget(
  method: string,
  target: string,
  allowAbsoluteUrl: boolean,
): RequestTarget | HeadError {
  if (method === "CONNECT") return parseConnectTarget(target);
  const first = target.charCodeAt(0);
  if (notVisible.test(target)) return "http1.codec_error";
  if (first === 0x2f) return { path: target };
  if (first === 0x2a) {
    if (!allowAbsoluteUrl) return { path: target };
    return target === "*" && method === "OPTIONS" ? { path: target } : "http1.invalid_url";
  }
  const parts = absoluteForm.exec(target);
  if (parts === null) return "http1.codec_error";
  const [, scheme = "", host = "", rest = ""] = parts;
  if (!isAuthority(host) || host.includes("@@")) return "http1.codec_error";
  if (!allowAbsoluteUrl) return { path: target };
  return parseAbsoluteUrl(scheme, host, rest);
}

function parseAbsoluteUrl(
  scheme: string,
  userAndHost: string,
  rest: string,
): RequestTarget | HeadError {
  const host = userAndHost.slice(userAndHost.lastIndexOf("@") + 1);
  const port = hostAndPort.exec(host);
  if (port === null || (port[2] !== undefined && !isPort(port[2]))) return "http1.invalid_url";
  if (!/^https?$/i.test(scheme)) return "http1.invalid_scheme";
  return { path: rest === "" ? "/" : rest, authority: host, scheme: scheme.toLowerCase() };
}

function parseConnectTarget(target: string): RequestTarget | HeadError {
  if (notVisible.test(target)) return "http1.codec_error";
  const port = hostAndPort.exec(target);
  if (port === null || port[2] === undefined || !isPort(port[2]) || !isAuthority(target)) {
    return "http1.invalid_url";
  }
  return { authority: target };
}

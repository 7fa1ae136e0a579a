/** What the client is told when forwarding came to nothing. */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { ForwardAction } from "../routing/route-entry.ts";
import {
  type FailureReason,
  failureBody,
  failureDetails,
  isPoolFailure,
  meaningOf,
} from "./upstream-failures.ts";

export function noHealthyUpstream(action: ForwardAction, attempts: number): LocalReply {
  return {
    status: 503,
    body: "no healthy upstream",
    details: "no_healthy_upstream",
    changeHeaders: (headers) => addAttemptCount(headers, action, attempts),
  };
}

export function upstreamTimeout(
  action: ForwardAction,
  attempts: number,
  details: "response_timeout" | "upstream_per_try_timeout",
  status: 504 | 204,
): LocalReply {
  return {
    status,
    body: status === 504 ? "upstream request timeout" : "",
    details,
    changeHeaders: (headers) => addAttemptCount(headers, action, attempts),
  };
}

/** A rule gave a header a value that none can have. */
export function unsendableRequest(name: string): LocalReply {
  const words = `invalid header value for: ${name}`;
  const reason = words.replaceAll(" ", "_");
  return {
    status: 503,
    body: words,
    details: `filter_removed_required_request_headers{${reason}}`,
  };
}

/** Between two tries, more of the request arrived than may be kept. */
export function requestTooLargeToRetry(action: ForwardAction, attempts: number): LocalReply {
  return {
    status: 507,
    body: "exceeded request buffer limit while retrying upstream",
    details: "request_payload_exceeded_retry_buffer_limit",
    changeHeaders: (headers) => addAttemptCount(headers, action, attempts),
  };
}

export interface UpstreamFailure {
  readonly reason: FailureReason;
  /** Where no connection came about: why. */
  readonly transport: string | undefined;
  /** Something of a response came before it. */
  readonly responseStarted: boolean;
  /** No headers of Envoy's own are to be added. */
  readonly quiet: boolean;
}

export function upstreamFailure(
  action: ForwardAction,
  attempts: number,
  { reason, transport, responseStarted, quiet }: UpstreamFailure,
): LocalReply {
  const why = isPoolFailure(reason) ? transport : undefined;
  const details = failureDetails(reason, why, responseStarted);
  return {
    status: meaningOf(reason).status,
    body: failureBody(reason, attempts),
    details,
    changeHeaders: (headers) => {
      // For callers who would try again.
      if (reason === "overflow" && !quiet) headers.add("x-envoy-overloaded", "true");
      addAttemptCount(headers, action, attempts);
    },
  };
}

/** With the upstream's headers. */
export function webSocketDeclined(upstream: HeaderMap, status: number): LocalReply {
  return {
    status,
    body: "",
    details: "websocket_handshake_unsuccessful",
    changeHeaders: (headers) => {
      for (const [name, value] of upstream)
        if (!name.startsWith(":") && name !== "content-length") headers.add(name, value);
    },
  };
}

/** On responses of either side: the upstream's and the proxy's own. */
export function addAttemptCount(headers: HeaderMap, action: ForwardAction, attempts: number): void {
  if (action.includeAttemptCountInResponse) headers.set("x-envoy-attempt-count", String(attempts));
}

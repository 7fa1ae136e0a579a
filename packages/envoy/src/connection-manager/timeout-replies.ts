/** What the time limits of a request answer, measured with Envoy 1.40. */
import type { LocalReply } from "./local-reply.ts";

/** While the request is still on its way it is the client that is late. */
const lateStatus = (requestComplete: boolean): number => (requestComplete ? 504 : 408);

export function idleReply(requestComplete: boolean): LocalReply {
  return {
    status: lateStatus(requestComplete),
    body: "stream timeout",
    details: "stream_idle_timeout",
  };
}

export const requestTimeoutReply: LocalReply = {
  status: 408,
  body: "request timeout",
  details: "request_overall_timeout",
};

export function durationReply(requestComplete: boolean): LocalReply {
  return {
    status: lateStatus(requestComplete),
    body: "downstream duration timeout",
    details: "max_duration_timeout",
    grpcStatus: 4,
  };
}

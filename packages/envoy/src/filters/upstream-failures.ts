/** What a failed attempt means for the client: one table from reasons to status, flag and words. */

import type { PoolFailureReason, ResetReason } from "../http/stream.ts";
import type { ResponseFlag } from "../http/stream-info.ts";

export type FailureReason = ResetReason | Exclude<PoolFailureReason, "active overflow">;

interface Meaning {
  readonly status: number;
  readonly flag: ResponseFlag;
}

const meanings: Readonly<Record<FailureReason, Meaning>> = {
  "connection termination": { status: 503, flag: "UC" },
  "remote reset": { status: 503, flag: "UR" },
  "remote refused stream reset": { status: 503, flag: "UR" },
  "remote error with CONNECT request": { status: 503, flag: "UR" },
  "local reset": { status: 503, flag: "LR" },
  "protocol error": { status: 502, flag: "UPE" },
  "remote connection failure": { status: 503, flag: "UF" },
  "connection timeout": { status: 503, flag: "UF" },
  overflow: { status: 503, flag: "UO" },
};

export function meaningOf(reason: FailureReason): Meaning {
  return meanings[reason];
}

export function isPoolFailure(reason: FailureReason): boolean {
  return reason === "remote connection failure" || reason === "connection timeout";
}

export function failureBody(reason: FailureReason, attempts: number): string {
  const lead = attempts > 1 ? "retried and the latest reset reason" : "reset reason";
  return `upstream connect error or disconnect/reset before headers. ${lead}: ${reason}`;
}

/** `upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}` */
export function failureDetails(
  reason: FailureReason,
  transport: string | undefined,
  responseStarted: boolean,
): string {
  const when = responseStarted ? "after" : "before";
  const why = transport === undefined ? reason : `${reason}|${transport}`;
  return `upstream_reset_${when}_response_started{${why.replaceAll(" ", "_")}}`;
}

import { DecodeError } from "../model/decode-error.ts";
import { ParameterError } from "../query/parameters.ts";

export interface Failure {
  readonly status: 400 | 500;
  readonly text: string;
}

/** What to answer when a request could not be served; `log` hears of what is no fault of the client. */
export function failureOf(error: unknown, request: string, log: (line: string) => void): Failure {
  if (error instanceof DecodeError || error instanceof ParameterError) {
    return { status: 400, text: error.message };
  }
  log(`${request}: ${error instanceof Error ? error.stack : error}`);
  return { status: 500, text: "internal error: see the server's log" };
}

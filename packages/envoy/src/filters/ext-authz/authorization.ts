/** What an authorization service says about a request. */

/**
 * How a header is changed. "append" joins with a value that is there, and does nothing where there is none; the others are as in
 * HeaderValueOption.
 */
export type HeaderChangeKind = "set" | "add" | "append" | "add-if-absent" | "set-if-present";

export interface HeaderChange {
  readonly kind: HeaderChangeKind;
  readonly name: string;
  readonly value: string;
}

export type Metadata = Readonly<Record<string, unknown>>;

export interface Allowed {
  readonly kind: "allowed";
  /** Of the request, on its way to the upstream. */
  readonly requestHeaders: readonly HeaderChange[];
  readonly requestHeadersToRemove: readonly string[];
  readonly responseHeaders: readonly HeaderChange[];
  readonly queryToSet: readonly (readonly [key: string, value: string])[];
  readonly queryToRemove: readonly string[];
  readonly metadata: Metadata;
}

export interface Denied {
  readonly kind: "denied";
  readonly status: number;
  /** Of the answer to the client; each takes the place of those of its name, but may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly metadata: Metadata;
}

/** The service could not be asked, or could not tell; the status, headers and body where it says what went wrong. */
export interface Failed {
  readonly kind: "failed";
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly metadata: Metadata;
}

export type Authorization = Allowed | Denied | Failed;

export const failed: Failed = {
  kind: "failed",
  status: undefined,
  headers: [],
  body: Buffer.alloc(0),
  metadata: {},
};

/** What is asked. */
export interface Question {
  /** The request's lines that may be told, merged where a name comes twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined: the body does not go along. */
  readonly body: Buffer | undefined;
  readonly contextExtensions: Readonly<Record<string, string>>;
}

/** Asks one service. */
export interface Authorizer {
  /** Calls `done` once, perhaps at once, unless cancelled. */
  ask(question: Question, done: (authorization: Authorization) => void): { cancel(): void };
}

/**
 * A case: a proxy's configuration, what is sent to it, how its surroundings behave, and what real Envoy 1.40.0 made of it.
 * The files in ../cases hold the recordings; this is their shape.
 */
import { readdirSync, readFileSync } from "node:fs";

export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface CaseRequest {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  readonly headers?: HeaderLines;
  readonly body?: string;
  /** Instead of a body: that many bytes of "x". */
  readonly bodySize?: number;
  /** The whole request as it goes out, instead of all the above. */
  readonly raw?: string;
  readonly proto?: "h2";
  /** Name of the port to send it to; default LISTENER_PORT. */
  readonly to?: string;
  /** Milliseconds to wait for the proxy to close the connection after its answer. */
  readonly awaitClose?: number;
  readonly abortAfterMs?: number;
  readonly recordElapsed?: boolean;
}

/** What an upstream does with a request; the last of a list repeats. */
export interface UpstreamAction {
  readonly status?: number;
  readonly headers?: HeaderLines;
  readonly body?: string;
  readonly bodySize?: number;
  readonly declaredLength?: number;
  readonly trailers?: HeaderLines;
  readonly chunked?: boolean;
  readonly delayMs?: number;
  readonly noReply?: boolean;
  readonly close?: boolean;
  readonly reset?: boolean;
  readonly midBodyClose?: boolean;
  readonly raw?: string;
  readonly rst?: number;
  /** HTTP/2: the stream is reset (INTERNAL_ERROR) after its headers and a first piece of the body. */
  readonly resetInBody?: boolean;
  /** HTTP/2: GOAWAY before the answer; the streams that are there go on. */
  readonly goaway?: boolean;
  /** HTTP/2: the connection ends in the middle of the body. */
  readonly cutInBody?: boolean;
  /** HTTP/2, of the first action: what the server's SETTINGS allow. */
  readonly maxConcurrentStreams?: number;
  /** Requests made, through the proxy or past it, before it answers. */
  readonly calls?: readonly {
    readonly to: string;
    readonly path?: string;
    readonly host?: string;
    readonly propagate?: boolean;
  }[];
}

export interface SeenRequest {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: HeaderLines;
  readonly body: string;
  readonly trailers?: HeaderLines;
}

export interface SeenResponse {
  status?: number;
  reason?: string;
  version?: string;
  headers?: HeaderLines;
  body?: string;
  trailers?: HeaderLines;
  truncated?: boolean;
  informational?: readonly number[];
  closed?: boolean;
  elapsedMs?: number;
  rst?: number;
  error?: string;
  bytes?: number;
}

export type DecodedSpan = Readonly<Record<string, unknown>>;

export interface CollectorPost {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderLines;
  readonly spanCount: number;
}

/** What came of a run, recorded or fresh. */
export interface Outcome {
  readonly recordedPorts: Readonly<Record<string, number>>;
  readonly recordedLocalIp?: string | null;
  readonly exit?: number | string | null;
  readonly stderr?: string;
  readonly stdout?: string;
  readonly responses?: readonly SeenResponse[];
  readonly afterResponses?: readonly SeenResponse[];
  readonly upstreamSaw?: readonly SeenRequest[];
  readonly spans?: readonly DecodedSpan[];
  readonly collectorPosts?: readonly CollectorPost[];
  readonly accessLog?: readonly string[];
}

export interface CaseDefinition {
  readonly name: string;
  readonly description: string;
  readonly envoyYaml: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly moreProxies?: readonly {
    readonly envoyYaml: string;
    readonly args?: readonly string[];
  }[];
  readonly requests: readonly CaseRequest[];
  /** Requests made once the spans are in. */
  readonly after?: readonly CaseRequest[];
  readonly upstream: Readonly<Record<string, readonly UpstreamAction[]>>;
  readonly collector?: { readonly status?: number };
  /** Requests do not wait for the answers before them: each begins so many milliseconds after the last. */
  readonly staggerMs?: number;
  readonly settleMs?: number;
  readonly startWaitMs?: number;
  readonly spanWaitMs?: number;
  /** The proxy is to refuse its configuration (or to validate it) and exit. */
  readonly expectExit?: boolean;
  readonly stderrNeedles?: readonly string[];
  readonly compareStdout?: boolean;
  readonly compareCollectorPosts?: boolean;
  readonly unorderedUpstream?: boolean;
  /** What reaches the services depends on timing. */
  readonly ignoreUpstream?: boolean;
  readonly volatile?: readonly { readonly match: string; readonly as: string }[];
  /** Milliseconds that an answer with `recordElapsed` may take. */
  readonly elapsed?: readonly [least: number, most: number];
  /** Answers of which only these parts, or lines, are compared; by index of the request. */
  readonly bodyNeedles?: Readonly<Record<number, readonly string[]>>;
  readonly bodyLines?: Readonly<Record<number, string>>;
  readonly ignoreBody?: readonly number[];
  readonly ignoreRequestHeaders?: readonly string[];
  readonly ignoreResponseHeaders?: readonly string[];
  readonly hasAccessLog: boolean;
}

export interface RecordedCase {
  readonly definition: CaseDefinition;
  readonly recorded: Outcome;
}

/** A case as its file has it; without an outcome it has still to be recorded. */
export type CaseFile = Omit<CaseDefinition, "requests" | "upstream" | "hasAccessLog"> &
  Omit<Outcome, "responses" | "recordedPorts"> & {
    readonly recordedPorts?: Outcome["recordedPorts"];
    readonly request?: CaseRequest;
    readonly requests?: readonly CaseRequest[];
    readonly response?: SeenResponse;
    readonly responses?: readonly SeenResponse[];
    readonly upstream?: readonly UpstreamAction[] | CaseDefinition["upstream"];
  };

/** Every case of a folder, by name. */
export function loadCases(folder: URL): RecordedCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => toCase(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as CaseFile));
}

export function toCase(file: CaseFile): RecordedCase {
  const { request, response, upstream, ...rest } = file;
  return {
    definition: {
      ...rest,
      requests: file.requests ?? [request ?? {}],
      upstream: isActionList(upstream) ? { UPSTREAM_PORT: upstream } : (upstream ?? {}),
      hasAccessLog: file.accessLog !== undefined,
    },
    recorded: {
      ...rest,
      recordedPorts: file.recordedPorts ?? {},
      responses: file.responses ?? (response ? [response] : []),
    },
  };
}

function isActionList(upstream: CaseFile["upstream"]): upstream is readonly UpstreamAction[] {
  return Array.isArray(upstream);
}

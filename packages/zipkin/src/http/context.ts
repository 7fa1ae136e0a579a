import type { IncomingMessage, ServerResponse } from "node:http";
import type { Collector } from "../collector/collector.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "../storage/storage.ts";
import type { BodyReader } from "./request-body.ts";

/** What every handler may use. */
export interface ServerContext {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly collector: Collector;
  readonly bodies: BodyReader;
  /** Milliseconds since the epoch. */
  readonly wallClock: () => number;
  readonly startedAt: number;
  readonly log: (line: string) => void;
  /** What the latest answers have shown. */
  readonly shown: { serviceCount: number };
}

/** One request on its way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
}

export type Handler = (context: ServerContext, exchange: Exchange) => Promise<void> | void;

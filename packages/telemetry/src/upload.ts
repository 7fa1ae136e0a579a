import * as http from "node:http";
import * as https from "node:https";
import { type Lookup, nodeLookup } from "./lookup.ts";

/** Sends one body to the collector; rejects unless the answer is 2xx and complete in time. */
export type Upload = (body: string | Uint8Array) => Promise<void>;

export interface Uploader {
  readonly upload: Upload;
  close(): void;
}

export interface UploadOptions {
  readonly timeoutMs: number;
  readonly contentType: string;
  /** Ends an upload under way. */
  readonly signal?: AbortSignal | undefined;
  readonly lookup?: Lookup | undefined;
}

// A proxy on the way must not trace the report of a trace.
// https://github.com/openzipkin/b3-propagation#why-is-deferred-or-not-sampled-useful
const UNTRACED = { b3: "0" };

/** Uploads over one kept connection. Nothing here is traced: it is plain node:http and carries `b3: 0`. */
export function createUploader(endpoint: string, options: UploadOptions): Uploader {
  const url = new URL(endpoint);
  const { request, Agent } = url.protocol === "https:" ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { lookup, contentType } = options;

  const send = (body: string | Uint8Array, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, {
        method: "POST",
        agent,
        signal,
        headers: {
          "content-type": contentType,
          ...UNTRACED,
          "content-length": Buffer.byteLength(body),
        },
        ...(lookup === undefined ? {} : { lookup: nodeLookup(lookup) }),
      });
      outgoing.once("error", reject);
      outgoing.once("response", (response) => {
        response.once("error", reject);
        response.once("end", () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else reject(new Error(`the collector answered ${status}`));
        });
        response.resume();
      });
      outgoing.end(body);
    });

  const ended = options.signal === undefined ? [] : [options.signal];
  return {
    upload: (body) =>
      send(body, AbortSignal.any([...ended, AbortSignal.timeout(options.timeoutMs)])),
    close: () => agent.destroy(),
  };
}

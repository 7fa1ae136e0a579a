import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** A recorded conversation with the real server: what was asked, what it answered. */
export interface Case {
  readonly name: string;
  readonly about?: string;
  readonly profile?: string;
  readonly requests: readonly CaseRequest[];
  readonly expect: readonly Expectation[];
}

export interface CaseRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyFile?: string;
  readonly repeatBody?: number;
  readonly gzip?: boolean;
}

export interface Expectation {
  /** Any of these; 0 stands for a connection closed without an answer. */
  readonly status: number | readonly number[];
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly compare?: "exact" | "status" | "subset" | "contains";
  readonly bodyNormalised?: unknown;
  readonly bodyContains?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Stands in recorded ids and names; as text, and as four bytes in binary bodies. */
export const MARK = "5a175a17";
const MARK_BYTES = Buffer.from(MARK, "hex");
/** Seconds: the recorded time that becomes "one hour ago". */
const BASE_S = 1_700_000_000;
const SPAN_S = 7200;

/** Makes one replay distinct from all others, and its times recent; and undoes both in answers. */
export class Disguise {
  private readonly salt: string;
  private readonly shiftS: number;

  constructor(nowMs: number) {
    // A letter in front and one digit at least: never to be taken for a number or for padding.
    this.salt = `a${randomBytes(4).toString("hex").slice(1)}`;
    this.shiftS = Math.floor(nowMs / 1000) - 3600 - BASE_S;
  }

  text(text: string): string {
    return text
      .replaceAll(MARK, this.salt)
      .replace(/(?<![0-9a-fA-F.])17000[0-9]{11}(?![0-9a-fA-F])/g, (us) => this.move(us, 1_000_000))
      .replace(/(?<![0-9a-fA-F.])17000[0-9]{8}(?![0-9a-fA-F])/g, (ms) => this.move(ms, 1000));
  }

  bytes(body: Buffer): Buffer {
    const moved = Buffer.from(body);
    const salt = Buffer.from(this.salt, "hex");
    for (let at = moved.indexOf(MARK); at >= 0; at = moved.indexOf(MARK))
      moved.write(this.salt, at);
    for (let at = moved.indexOf(MARK_BYTES); at >= 0; at = moved.indexOf(MARK_BYTES)) {
      salt.copy(moved, at);
    }
    const shift = BigInt(this.shiftS) * 1_000_000n;
    for (let at = 0; at + 8 <= moved.length; at++) {
      if (isRecordedTime(moved.readBigInt64BE(at))) {
        moved.writeBigInt64BE(moved.readBigInt64BE(at) + shift, at);
        at += 7;
      } else if (isRecordedTime(moved.readBigInt64LE(at))) {
        moved.writeBigInt64LE(moved.readBigInt64LE(at) + shift, at);
        at += 7;
      }
    }
    return moved;
  }

  undo(text: string): string {
    return text
      .replaceAll(this.salt, MARK)
      .replace(/(?<![0-9a-fA-F.])[0-9]{16}(?![0-9a-fA-F])/g, (us) => this.moveBack(us, 1_000_000))
      .replace(/(?<![0-9a-fA-F.])[0-9]{13}(?![0-9a-fA-F])/g, (ms) => this.moveBack(ms, 1000));
  }

  private move(digits: string, perSecond: number): string {
    return String(Number(digits) + this.shiftS * perSecond);
  }

  private moveBack(digits: string, perSecond: number): string {
    const value = Number(digits) - this.shiftS * perSecond;
    const isRecorded = value >= BASE_S * perSecond && value < (BASE_S + SPAN_S) * perSecond;
    return isRecorded ? String(value) : digits;
  }
}

function isRecordedTime(value: bigint): boolean {
  const base = BigInt(BASE_S) * 1_000_000n;
  return value >= base && value < base + BigInt(SPAN_S) * 1_000_000n;
}

/** Sends one recorded request in that disguise. */
export async function send(
  base: string,
  recorded: CaseRequest,
  folder: string,
  disguise: Disguise,
): Promise<Answer> {
  const body = bodyOf(recorded, folder, disguise);
  const url = new URL(base);
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(recorded.headers ?? {})) {
    headers[name] = disguise.text(value);
  }
  const method = recorded.method ?? "GET";
  if (body !== undefined || method === "POST" || method === "PUT") {
    headers["Content-Length"] = body?.length ?? 0;
  }
  const path = disguise.text(recorded.path);
  return new Promise((resolve) => {
    const request = httpRequest(
      { host: url.hostname, port: url.port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => resolve({ status: 0, headers: {}, text: "" }));
        response.on("end", () => {
          const isGzip = response.headers["content-encoding"] === "gzip";
          const bytes = isGzip ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: disguise.undo(bytes.toString("utf8")),
          });
        });
      },
    );
    // A server may hang up before it has read a body that is too large.
    request.on("error", () => resolve({ status: 0, headers: {}, text: "" }));
    request.end(body);
  });
}

function bodyOf(recorded: CaseRequest, folder: string, disguise: Disguise): Buffer | undefined {
  const { bodyFile } = recorded;
  let body: Buffer | undefined;
  if (bodyFile !== undefined) {
    const raw = readFileSync(join(folder, bodyFile));
    const isText = bodyFile.endsWith(".json") || bodyFile.endsWith(".txt");
    body = isText ? Buffer.from(disguise.text(raw.toString("utf8"))) : disguise.bytes(raw);
  } else if (recorded.body !== undefined) body = Buffer.from(disguise.text(recorded.body));
  if (body === undefined) return undefined;
  if (recorded.repeatBody !== undefined) {
    body = Buffer.concat(Array.from({ length: recorded.repeatBody }, () => body ?? Buffer.of()));
  }
  return recorded.gzip === true ? gzipSync(body) : body;
}

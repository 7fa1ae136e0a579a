import type { IncomingMessage } from "node:http";
import { decodeJaegerThrift } from "../codec/jaeger-thrift.ts";
import { decodeOtlpJson } from "../codec/otlp-json.ts";
import { decodeOtlpProto } from "../codec/otlp-proto.ts";
import type { Collector, Decoder } from "../collector/collector.ts";
import { decoderOf } from "../collector/formats.ts";
import { DecodeError } from "../model/decode-error.ts";
import { encodeSpans } from "../model/encoded-spans.ts";
import type { Exchange, Handler, ServerContext } from "./context.ts";
import { sendText } from "./respond.ts";

/** POST paths. 2xx means decoded and stored; anything wrong means that nothing was. */
export const collectorHandlers: Readonly<Record<string, Handler>> = {
  "/api/v2/spans": acceptZipkin,
  "/api/v1/spans": acceptZipkin,
  "/api/traces": acceptJaeger,
  "/v1/traces": acceptOtlp,
};

async function acceptZipkin(
  context: ServerContext,
  { request, response, path }: Exchange,
): Promise<void> {
  const body = await readBody(context, request);
  const decode = decoderOf(path, request.headers["content-type"] ?? "");
  acceptSpans(context.collector, decode, body);
  response.statusCode = 202;
  response.end();
}

/** Throws DecodeError. */
export function acceptSpans(collector: Collector, decode: Decoder, body: Buffer): void {
  if (isNothing(body)) collector.acceptNothing();
  else collector.accept(body, decode);
}

async function readBody(
  { bodies, collector }: ServerContext,
  request: IncomingMessage,
): Promise<Buffer> {
  try {
    return await bodies.read(request);
  } catch (error) {
    collector.refuse(error instanceof DecodeError);
    throw error;
  }
}

/** An empty body, or exactly `[]`. */
function isNothing(body: Buffer): boolean {
  return body.length === 0 || (body.length === 2 && body[0] === 0x5b && body[1] === 0x5d);
}

/** Jaeger's collector takes thrift over HTTP here; so do its clients believe. */
export async function acceptJaeger(
  context: ServerContext,
  { request, response }: Exchange,
): Promise<void> {
  const body = await readBody(context, request);
  const type = mediaType(request.headers["content-type"]);
  if (!jaegerTypes.has(type)) {
    return sendText(
      response,
      400,
      `unknown content type ${JSON.stringify(type)}: allowed are ${[...jaegerTypes].join(", ")}`,
    );
  }
  context.collector.accept(body, (bytes) => encodeSpans(decodeJaegerThrift(bytes)));
  response.statusCode = 202;
  response.end();
}

const jaegerTypes: ReadonlySet<string> = new Set([
  "application/x-thrift",
  "application/vnd.apache.thrift.binary",
]);

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp */
async function acceptOtlp(
  { bodies, collector }: ServerContext,
  { request, response }: Exchange,
): Promise<void> {
  const type = mediaType(request.headers["content-type"]);
  const isJson = type === "application/json";
  if (!isJson && type !== "application/x-protobuf") {
    const allowed = "application/json, application/x-protobuf";
    return sendText(
      response,
      415,
      `unknown content type ${JSON.stringify(type)}: allowed are ${allowed}`,
    );
  }
  const decodeOtlp = isJson ? decodeOtlpJson : decodeOtlpProto;
  try {
    collector.accept(await bodies.read(request), (bytes) => encodeSpans(decodeOtlp(bytes)));
    response.setHeader("content-type", type);
    response.end(isJson ? "{}" : undefined);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    response.statusCode = 400;
    response.setHeader("content-type", type);
    response.setHeader("x-content-type-options", "nosniff");
    response.end(isJson ? JSON.stringify(statusOf(error)) : encodeStatus(error));
  }
}

/** google.rpc.Code INVALID_ARGUMENT */
const INVALID_ARGUMENT = 3;

function statusOf(error: DecodeError): { readonly code: number; readonly message: string } {
  return { code: INVALID_ARGUMENT, message: error.message };
}

/** google.rpc.Status as protobuf: int32 code = 1, string message = 2. */
function encodeStatus(error: DecodeError): Buffer {
  const message = Buffer.from(error.message.slice(0, 100)).subarray(0, 127);
  return Buffer.concat([Buffer.from([0x08, INVALID_ARGUMENT, 0x12, message.length]), message]);
}

function mediaType(header: string | undefined): string {
  return (header?.split(";")[0] ?? "").trim().toLowerCase();
}

/** A CheckRequest as text that is the same from run to run. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/attribute_context.proto */
import { ProtobufMessage } from "../rig/protobuf-reader.ts";
import { describe, type Shape } from "./described-message.ts";

const address: Shape = {
  1: [
    "socket_address",
    { 1: ["protocol", "number"], 2: ["address", "text"], 3: ["port_value", "number"] },
  ],
};
const peer: Shape = {
  1: ["address", address],
  2: ["service", "text"],
  3: ["labels", "map"],
  4: ["principal", "text"],
  5: ["certificate", "text"],
};
const http: Shape = {
  1: ["id", "text"],
  2: ["method", "text"],
  3: ["headers", "map"],
  4: ["path", "text"],
  5: ["host", "text"],
  6: ["scheme", "text"],
  9: ["size", "number"],
  10: ["protocol", "text"],
  11: ["body", "text"],
  12: ["raw_body", "bytes"],
  13: [
    "header_map",
    { 1: ["headers", { 1: ["key", "text"], 2: ["value", "text"], 3: ["raw_value", "bytes"] }] },
  ],
};
const checkRequest: Shape = {
  1: [
    "attributes",
    {
      1: ["source", peer],
      2: ["destination", peer],
      4: ["request", { 1: ["time", "time"], 2: ["http", http] }],
      10: ["context_extensions", "map"],
      11: ["metadata_context", { 1: ["filter_metadata", "bytes"] }],
      12: ["tls_session", { 1: ["sni", "text"] }],
      13: ["route_metadata_context", { 1: ["filter_metadata", "bytes"] }],
    },
  ],
};

/** Ports, the number of the stream, and request ids but for their reason. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/"port_value":\d+/g, '"port_value":"<port>"'],
  [/"id":"\d+"/, '"id":"<number>"'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid-$1>"],
];

/** `body` is a frame, one character a byte. */
export function describeCheckRequest(body: string): string {
  const bytes = Buffer.from(body, "latin1");
  const description = describe(new ProtobufMessage(bytes.subarray(5)), checkRequest);
  const text = JSON.stringify({
    compressed: bytes[0],
    length: bytes.readUInt32BE(1) === bytes.length - 5,
    ...description,
  });
  return masks.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);
}

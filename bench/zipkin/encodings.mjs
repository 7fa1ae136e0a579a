// The benchmark's spans in the formats that tracers post: written here, so that no library's cost is in the way.

const hex = (id) => Buffer.from(id, "hex");

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}
/** A field of protobuf with a length: number and bytes. */
function lengthed(number, bytes) {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes]);
}
const kinds = { CLIENT: 1, SERVER: 2 };

/** https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto */
function proto3(spans) {
  const endpoint = ({ serviceName, ipv4 }) =>
    Buffer.concat([
      lengthed(1, Buffer.from(serviceName)),
      ...(ipv4 ? [lengthed(2, Buffer.from(ipv4.split(".").map(Number)))] : []),
    ]);
  const list = spans.map((span) => {
    const timestamp = Buffer.alloc(9);
    timestamp[0] = 6 * 8 + 1;
    timestamp.writeBigUInt64LE(BigInt(span.timestamp), 1);
    const tags = Object.entries(span.tags).map(([key, value]) =>
      lengthed(11, Buffer.concat([lengthed(1, Buffer.from(key)), lengthed(2, Buffer.from(value))])),
    );
    return lengthed(
      1,
      Buffer.concat([
        lengthed(1, hex(span.traceId)),
        ...(span.parentId ? [lengthed(2, hex(span.parentId))] : []),
        lengthed(3, hex(span.id)),
        Buffer.from([4 * 8, kinds[span.kind]]),
        lengthed(5, Buffer.from(span.name)),
        timestamp,
        Buffer.from([7 * 8]),
        varint(span.duration),
        lengthed(8, endpoint(span.localEndpoint)),
        ...(span.remoteEndpoint ? [lengthed(9, endpoint(span.remoteEndpoint))] : []),
        ...tags,
      ]),
    );
  });
  return Buffer.concat(list);
}

const thriftType = { bool: 2, i16: 6, i32: 8, i64: 10, string: 11, struct: 12, list: 15 };
const stop = Buffer.from([0]);
const i32 = (value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const i64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
const text = (value) => Buffer.concat([i32(Buffer.byteLength(value)), Buffer.from(value)]);
const thriftField = (type, id, bytes) =>
  Buffer.concat([Buffer.from([thriftType[type], 0, id]), bytes]);
const structures = (items) =>
  Buffer.concat([Buffer.from([thriftType.struct]), i32(items.length), ...items]);
const struct = (...fields) => Buffer.concat([...fields, stop]);

/** https://github.com/openzipkin/zipkin-api/blob/master/thrift/zipkinCore.thrift */
function thrift(spans) {
  const endpoint = ({ serviceName, ipv4 = "0.0.0.0" }) =>
    struct(
      thriftField("i32", 1, Buffer.from(ipv4.split(".").map(Number))),
      thriftField("i16", 2, Buffer.from([0, 0])),
      thriftField("string", 3, text(serviceName)),
    );
  const list = spans.map((span) => {
    const host = endpoint(span.localEndpoint);
    const annotation = (timestamp, value) =>
      struct(
        thriftField("i64", 1, i64(timestamp)),
        thriftField("string", 2, text(value)),
        thriftField("struct", 3, host),
      );
    const binary = (key, value, type, at) =>
      struct(
        thriftField("string", 1, text(key)),
        thriftField("string", 2, Buffer.concat([i32(value.length), value])),
        thriftField("i32", 3, i32(type)),
        thriftField("struct", 4, at),
      );
    const [first, last] = span.kind === "CLIENT" ? ["cs", "cr"] : ["sr", "ss"];
    const binaries = Object.entries(span.tags).map(([key, value]) =>
      binary(key, Buffer.from(value), 6, host),
    );
    if (span.remoteEndpoint) {
      binaries.push(binary("sa", Buffer.from([1]), 0, endpoint(span.remoteEndpoint)));
    }
    return struct(
      thriftField("i64", 1, hex(span.traceId)),
      thriftField("string", 3, text(span.name)),
      thriftField("i64", 4, hex(span.id)),
      ...(span.parentId ? [thriftField("i64", 5, hex(span.parentId))] : []),
      thriftField(
        "list",
        6,
        structures([
          annotation(span.timestamp, first),
          annotation(span.timestamp + span.duration, last),
        ]),
      ),
      thriftField("list", 8, structures(binaries)),
      thriftField("i64", 10, i64(span.timestamp)),
      thriftField("i64", 11, i64(span.duration)),
    );
  });
  return structures(list);
}

export const encodings = {
  "v2 JSON": {
    path: "/api/v2/spans",
    type: "application/json",
    encode: (spans) => Buffer.from(JSON.stringify(spans)),
  },
  proto3: { path: "/api/v2/spans", type: "application/x-protobuf", encode: proto3 },
  thrift: { path: "/api/v1/spans", type: "application/x-thrift", encode: thrift },
};

import { describe, expect, test } from "vitest";
import { compileJsonFormat } from "../access-log/json-format.ts";
import { HeaderMap } from "../http/header-map.ts";
import { ResponseFlags } from "../http/response-flags.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { compileFormat, compileTextFormat } from "./compile-format.ts";
import { compileTime } from "./start-time.ts";

const connection = {
  id: 1,
  remoteAddress: "127.0.0.1",
  remotePort: 5,
  localAddress: "127.0.0.1",
  localPort: 80,
};

const info: StreamInfo = {
  connection,
  protocol: "HTTP/1.1",
  startTimeMicros: 1_795_225_493_511_002,
  endTimeMicros: 1_795_225_493_518_002,
  downstreamRemoteAddress: { address: "1.2.3.4", port: 0 },
  requestHeaders: new HeaderMap([
    ":method",
    "GET",
    ":path",
    "/x?a=b%20c&d",
    "x-a",
    "one",
    "x-bytes",
    "caf\u00c3\u00a9",
  ]),
  responseCode: 200,
  flags: new ResponseFlags("UF", "URX"),
  bytesReceived: 0,
  bytesSent: 5,
  healthCheck: false,
  routeMetadata: { ns: { num: 42, z: "1.5", a: [1, null, "q"] } },
};

describe("format strings", () => {
  test.each([
    ["%REQ(none?x-a)%", "one"],
    ["%REQ(X-A):2%", "on"],
    ["a%REQ(none)%b", "ab"],
    ["100%%", "100%"],
    ["%RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION%", "200 UF,URX 7"],
    ["%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "1.2.3.4"],
    ["%PATH(NQ)% %QUERY_PARAM(a)%", "/x b c"],
    ["%METADATA(ROUTE:ns)%", '{"a":[1,null,"q"],"num":42,"z":"1.5"}'],
    ["%START_TIME%", "2026-11-21T01:44:53.511Z"],
  ])("%s gives %s", (format, expected) => {
    expect(compileFormat(format).format(info)).toBe(expected);
  });

  test.each([
    ["%", "Incorrect configuration: %. Couldn't find valid command at position 0"],
    ["50% off", "Incorrect configuration: 50% off. Couldn't find valid command at position 2"],
    ["%X%", "Not supported field in StreamInfo: X"],
    ["%REQ%", "REQ requires parameters"],
    ["%REQ(a?b?c)%", "More than 1 alternative header specified in token: a?b?c"],
    ["%PROTOCOL:3%", "PROTOCOL does not take any parameters or length"],
    ["%START_TIME:4%", "START_TIME does not allow length to be specified."],
    ["%METADATA(BAD:a)%", "BAD is not supported type of metadata"],
  ])("%s is refused in Envoy's words", (format, message) => {
    expect(() => compileFormat(format)).toThrow(message);
  });

  test("header additions keep bytes, tags read them as UTF-8", () => {
    expect(compileFormat("\u00e9%REQ(x-bytes)%").format(info)).toBe("\u00c3\u00a9caf\u00c3\u00a9");
    expect(compileTextFormat("%REQ(x-bytes)%")(info)).toBe("caf\u00e9");
  });

  test("START_TIME formats as Envoy 1.40 wrote this moment", () => {
    const format =
      "%3f %f %6f %E3S %E*S %j %a %b %e %D %F %T %R %I %p %Z %c %x %u %w %U %W %y %C %k %l %r %G %V %g";
    expect(compileTime(format)(info.startTimeMicros)).toBe(
      "511 511002000 511002 53.511 53.511002 325 Sat Nov 21 11/21/26 2026-11-21 01:44:53 01:44 01 AM UTC " +
        "Sat Nov 21 01:44:53 2026 11/21/26 6 6 46 46 26 20  1  1 01:44:53 AM 2026 47 26",
    );
  });
});

describe("json_format", () => {
  test("sorts keys, keeps numbers, writes null for what is missing", () => {
    const line = compileJsonFormat(
      { status: "%RESPONSE_CODE%", none: "%REQ(none)%", mixed: "a-%REQ(none)%" },
      false,
    )(info);
    expect(line).toBe('{"mixed":"a--","none":null,"status":200}\n');
  });

  test("omits empty values with omit_empty_values", () => {
    const format = {
      a: "%REQ(none)%",
      b: "x%REQ(none)%y",
      c: { d: "%REQ(none)%" },
      e: ["%REQ(none)%", "1"],
      f: "%RESPONSE_CODE%",
    };
    expect(compileJsonFormat(format, true)(info)).toBe('{"b":"xy","e":["1"],"f":200}\n');
  });
});

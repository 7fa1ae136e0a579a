import { expect, test } from "vitest";
import type { ComposeFile } from "../compose/compose-file.ts";
import { parseComposeFile, readComposeFile } from "../compose/read-compose-file.ts";
import { planUnits, type UnitPlan } from "./plan.ts";
import { createPortMap, mapAddresses } from "./port-map.ts";
import { selectServices } from "./selection.ts";

const repositoryFile = new URL("../../../../docker-compose.yml", import.meta.url).pathname;

function parse(text: string): ComposeFile {
  return parseComposeFile("c.yml", text, () => undefined);
}

function plan(
  compose: ComposeFile,
  services: readonly string[] = [],
  offset = 0,
): readonly UnitPlan[] {
  const selected = selectServices(compose, { services, profiles: [] });
  return planUnits(compose, selected, createPortMap(compose, offset), "/mesh");
}

test("the repository's own compose file can run without Docker", async () => {
  const units = plan(await readComposeFile(repositoryFile, {}));
  const kinds = Object.fromEntries(units.map(({ name, program }) => [name, program.kind]));
  expect(kinds).toMatchObject({
    "front-proxy": "envoy",
    service1: "service",
    "service1-sidecar": "envoy",
    service2: "service",
    "service2-sidecar": "envoy",
    zipkin: "zipkin",
  });
});

test("a service brings what it depends on, in that order, and nothing else", async () => {
  const compose = await readComposeFile(repositoryFile, {});
  expect(plan(compose, ["service2-sidecar"]).map(({ name }) => name)).toEqual([
    "zipkin",
    "service2",
    "service2-sidecar",
  ]);
  expect(new Set(plan(compose, ["front-proxy"]).map(({ name }) => name))).toEqual(
    new Set([
      "zipkin",
      "service1",
      "service1-sidecar",
      "service2",
      "service2-sidecar",
      "front-proxy",
    ]),
  );
});

test("profiles keep services out until they are asked for", () => {
  const compose = parse("services: { a: {}, b: { profiles: [extra] }, c: { profiles: [other] } }");
  const names = (services: string[], profiles: string[]): string[] =>
    selectServices(compose, { services, profiles }).map(({ name }) => name);
  expect(names([], [])).toEqual(["a"]);
  expect(names([], ["extra"])).toEqual(["a", "b"]);
  expect(names(["c"], [])).toEqual(["c"]);
  expect(names([], ["*"])).toEqual(["a", "b", "c"]);
});

test("an unknown service and a circle are named", () => {
  const compose = parse("services: { a: { depends_on: [b] }, b: { depends_on: [a] } }");
  expect(() => selectServices(compose, { services: ["x"], profiles: [] })).toThrow(
    'unknown service "x" in c.yml; services are a, b',
  );
  expect(() => selectServices(compose, { services: [], profiles: [] })).toThrow("a -> b -> a");
});

test("an offset moves ports, addresses, health checks and the line to try", () => {
  const compose = parse(`services:
  web:
    command: node services/web/src/main.ts
    ports: ["8000:8000"]
    environment:
      PORT: 8000
      MAX_SPANS: 8000
      ZIPKIN_ENDPOINT: http://zipkin:9411/api/v2/spans
      UPSTREAMS: http://localhost:8000/a,zipkin:9411,http://elsewhere:9411/,127.0.0.1:9411
    healthcheck: { test: [CMD, tracemesh, health, "http://localhost:8000/health"] }
    x-tracemesh: { try: "curl localhost:8000/" }
  zipkin: { image: "openzipkin/zipkin:3.5", expose: [9411] }`);
  const [web, zipkin] = plan(compose, [], 100);
  expect(web).toMatchObject({
    program: { kind: "service", module: "/mesh/services/web/src/app.ts" },
    ports: [8100],
    environment: {
      PORT: "8100",
      MAX_SPANS: "8000",
      ZIPKIN_ENDPOINT: "http://zipkin:9511/api/v2/spans",
      UPSTREAMS: "http://localhost:8100/a,zipkin:9511,http://elsewhere:9411/,127.0.0.1:9511",
    },
    health: { kind: "http", url: "http://localhost:8100/health" },
    tryThis: "curl localhost:8100/",
  });
  expect(zipkin).toMatchObject({ ports: [9511], health: { kind: "started" } });
});

test("a port published under another number is found there", () => {
  const map = createPortMap(parse("services: { a: { ports: ['18000:8000'] } }"), 0);
  expect(mapAddresses(map, "http://a:8000/x")).toBe("http://a:18000/x");
});

test("times and versions are not taken for ports", () => {
  const map = createPortMap(parse("services: { a: { ports: ['30:30'] } }"), 1);
  expect(mapAddresses(map, "at 12:30:30, v1:30.2, key:30")).toBe("at 12:30:30, v1:30.2, key:30");
});

test.each([
  ["services: { a: { expose: [65535] } }", 1, "moved by 1 is 65536"],
  [
    "services: { a: { expose: [80] }, b: { ports: ['80:81'] } }",
    0,
    "port 80 is wanted twice, by a and b",
  ],
])("ports that cannot be are refused: %s", (text, offset, message) => {
  expect(() => createPortMap(parse(text), offset)).toThrow(message);
});

test.each([
  ["a: { image: redis:7 }", "c.yml:1:16 services.a: the image redis:7 cannot run here"],
  ["a: {}", "services.a: no command cannot run here"],
  ["a: { command: python app.py }", '"python app.py" cannot run here; without Docker these run'],
  ["a: { command: tracemesh envoy --no-such x }", 'unknown option "--no-such"; allowed are -c'],
  ["a: { command: tracemesh envoy }", "-c FILE or --config-yaml is missing"],
  [
    "a: { command: tracemesh envoy -c x --concurrency=two }",
    'the option --concurrency needs a whole number, got "two"',
  ],
  ["a: { command: node ../../etc/main.ts }", "cannot run here"],
  [
    "a: { image: openzipkin/zipkin, healthcheck: { test: [CMD, wget, x] } }",
    '"wget x" cannot run without Docker: only `tracemesh health URL` can',
  ],
  ["a: { image: openzipkin/zipkin, volumes: [x] }", "services.a.volumes: is not supported"],
  ["a: { image: openzipkin/zipkin, network_mode: host }", '"host" is not supported without Docker'],
])("what cannot run here is refused with its place: %s", (service, message) => {
  expect(() => plan(parse(`services: { ${service} }`))).toThrow(message);
});

test("a service that is not to run may need Docker", () => {
  const compose = parse(
    "services: { a: { image: openzipkin/zipkin }, b: { image: redis, profiles: [x] } }",
  );
  expect(plan(compose).map(({ name }) => name)).toEqual(["a"]);
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ComposeService } from "./compose-file.ts";
import { ComposeError } from "./problem.ts";
import { parseComposeFile, readComposeFile } from "./read-compose-file.ts";

function parse(
  text: string,
  env: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, ComposeService> {
  return parseComposeFile("c.yml", text, (name) => env[name]).services;
}

function problemsOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ComposeError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("a service", () => {
  test("takes its environment from a mapping, a list, or the caller's shell", () => {
    const services = parse(
      `services:
  a: { environment: { PORT: 8081, ON: true, EMPTY: "", FROM_SHELL: , UNSET: } }
  b: { environment: ["PORT=8082", "URL=http://x/?a=b", FROM_SHELL, UNSET] }`,
      { FROM_SHELL: "shell" },
    );
    expect(services.get("a")?.environment).toEqual({
      PORT: "8081",
      ON: "true",
      EMPTY: "",
      FROM_SHELL: "shell",
    });
    expect(services.get("b")?.environment).toEqual({
      PORT: "8082",
      URL: "http://x/?a=b",
      FROM_SHELL: "shell",
    });
  });

  test("takes its command as a string or a list", () => {
    const services = parse(`services:
  a: { command: tracemesh envoy -c "a b.yaml" }
  b: { command: [tracemesh, envoy, -c, "a b.yaml"] }`);
    const words = ["tracemesh", "envoy", "-c", "a b.yaml"];
    expect(services.get("a")?.command?.words).toEqual(words);
    expect(services.get("b")?.command?.words).toEqual(words);
  });

  test("takes its ports in the short and the long form, and from expose", () => {
    const services = parse(
      `services:
  a:
    ports: ["8000:80", "127.0.0.1:\${P:-8001}:81/tcp", 82, { target: 83, published: "8003" }, { target: 84 }]
    expose: ["9000", 9001]`,
    );
    expect(services.get("a")?.ports).toEqual([
      { target: 80, published: 8000 },
      { target: 81, published: 8001 },
      { target: 82, published: 82 },
      { target: 83, published: 8003 },
      { target: 84, published: 84 },
      { target: 9000, published: undefined },
      { target: 9001, published: undefined },
    ]);
  });

  test("knows what it depends on, whose network it shares and its other names", () => {
    const services = parse(`services:
  a:
    depends_on: [b]
    network_mode: "service:b"
  b:
    depends_on: { c: { condition: service_healthy } }
    hostname: bee
    networks: { mesh: { aliases: [b.mesh] }, other: }
  c: { profiles: [debug] }`);
    expect(services.get("a")?.networkOf).toBe("b");
    expect(services.get("a")?.dependsOn).toEqual(new Map([["b", "service_started"]]));
    expect(services.get("b")?.dependsOn).toEqual(new Map([["c", "service_healthy"]]));
    expect(services.get("b")?.hostNames).toEqual(["b", "bee", "b.mesh"]);
    expect(services.get("c")?.profiles).toEqual(["debug"]);
  });

  test("inherits through anchors and merge keys; its own entries win", () => {
    const services = parse(`x-base: &base { image: base, restart: always }
x-more: &more { <<: *base, hostname: more }
services:
  a: { <<: [*more], image: own }
  b: *more`);
    expect(services.get("a")).toMatchObject({ image: "own", hostname: "more", unsupported: [] });
    expect(services.get("b")).toMatchObject({ image: "base", hostname: "more" });
  });

  test("has a health check with Docker's defaults, or none", () => {
    const services = parse(`services:
  a: { healthcheck: { test: [CMD, tracemesh, health, "http://localhost/"], interval: 1m30s, retries: 5 } }
  b: { healthcheck: { test: tracemesh health http://localhost/ } }
  c: { healthcheck: { disable: true, test: [CMD, x] } }`);
    expect(services.get("a")?.healthcheck).toMatchObject({ intervalMs: 90_000, retries: 5 });
    expect(services.get("b")?.healthcheck).toMatchObject({
      test: ["CMD-SHELL", "tracemesh health http://localhost/"],
      intervalMs: 30_000,
      retries: 3,
      startPeriodMs: 0,
    });
    expect(services.get("c")?.healthcheck).toBeUndefined();
  });

  test("says which of its features need Docker, with their place", () => {
    const [mount] =
      parse(`services:
  a:
    volumes: ["./a:/b"]`).get("a")?.unsupported ?? [];
    expect(mount).toMatchObject({ at: { line: 3, column: 14 }, path: "services.a.volumes" });
  });
});

describe("a complaint names file, line, column and path", () => {
  test.each([
    ["services:\n  a: [", "c.yml:2:"],
    ["services:\n  a: 1", "c.yml:2:6 services.a: a mapping is expected, got 1"],
    [
      "services:\n  a:\n    ports: ['99999:80']",
      'c.yml:3:13 services.a.ports[0]: "99999" is not a port: a number from 1 to 65535 is expected',
    ],
    [
      "services:\n  a: { ports: ['8000-8010:80'] }",
      'c.yml:2:16 services.a.ports[0]: port ranges are not supported: "8000-8010:80"',
    ],
    [
      "services:\n  a: { environment: ['=x'] }",
      'c.yml:2:22 services.a.environment[0]: "NAME=value" is expected, got "=x"',
    ],
    [
      "services:\n  a: { depends_on: [ghost] }",
      'services.a.depends_on: unknown service "ghost"; services are a',
    ],
    [
      "services:\n  a: { depends_on: { a: { condition: service_completed_successfully } } }",
      'condition "service_completed_successfully" is not supported: only service_started and service_healthy are',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own syntax
      "services:\n  a: { image: '${TAG:?give a tag}' }",
      "c.yml:2:15 services.a.image: the variable TAG is required: give a tag",
    ],
    [
      "services:\n  a: { healthcheck: { test: [CMD, x], interval: soon } }",
      'services.a.healthcheck.interval: a duration such as 5s or 1m30s is expected, got "soon"',
    ],
    ["include: [other.yml]\nservices: {}", "c.yml:1:10 include: is not supported without Docker"],
    ["name: x", "c.yml:1:1 services is missing"],
    ["", "c.yml:1:1 a mapping is expected, got nothing"],
  ])("%j", (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  test("and every problem of the file is listed", () => {
    const text = "services:\n  a: { ports: [x] }\n  b: { expose: [0] }";
    expect(problemsOf(text).split("\n")).toHaveLength(2);
  });

  test("also for aliases that would expand without end", () => {
    const levels = Array.from(
      { length: 8 },
      (_, level) =>
        `x-${level}: &l${level} [${`${level === 0 ? "0" : `*l${level - 1}`},`.repeat(10)}]`,
    );
    expect(problemsOf(`${levels.join("\n")}\nservices: {}`)).toContain("aliases included");
  });
});

test("variables come from the environment, then from .env beside the file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "compose-"));
  try {
    await writeFile(join(directory, ".env"), 'export TAG="from file" # why\nOTHER=2\n');
    const file = join(directory, "docker-compose.yml");
    await writeFile(file, "services: { a: { image: 'x:$TAG', hostname: 'h$OTHER' } }");
    const read = await readComposeFile(file, { OTHER: "1" });
    expect(read.services.get("a")).toMatchObject({ image: "x:from file", hostname: "h1" });
    await expect(readComposeFile(join(directory, "none.yml"), {})).rejects.toThrow(
      "cannot read the compose file",
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** `--mode validate` on configurations that only compiling shows to be wrong: the real Envoy's verdict, words and exit status. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { cluster, httpListener, router, routesOfAll, types } from "../rig/configuration-parts.ts";
import type { ProxyCommand } from "../rig/proxy-process.ts";

interface Changes {
  /** Fields of the connection manager. */
  readonly manager?: object;
  /** Fields of its route configuration. */
  readonly routes?: object;
  /** A route before the others. */
  readonly route?: object;
}

const logTo = (type: string, fields: object) => ({
  access_log: [
    {
      name: "log",
      typed_config: { "@type": `${types}.extensions.access_loggers.${type}`, ...fields },
    },
  ],
});
const stdout = (format: object) => logTo("stream.v3.StdoutAccessLog", { log_format: format });
const text = (inline_string: string) => ({ text_format_source: { inline_string } });
const header = (value: string) => ({
  request_headers_to_add: [{ header: { key: "x-added", value } }],
});
const answer = (body: object) => ({
  match: { prefix: "/answer" },
  direct_response: { status: 200, body },
});
const localReply = (fields: object) => ({ manager: { local_reply_config: fields } });
const everything = {
  status_code_filter: {
    comparison: { op: "GE", value: { default_value: 0, runtime_key: "none" } },
  },
};

const cases: readonly (readonly [name: string, changes: Changes])[] = [
  ["nothing wrong", {}],
  ["an unknown operator in a log", { manager: stdout(text("%NOPE%")) }],
  [
    "an unknown operator in a JSON log",
    { manager: stdout({ json_format: { a: { b: "%NOPE%" } } }) },
  ],
  ["an operator without its parameter", { manager: stdout(text("%REQ%")) }],
  ["an operator that is not closed", { manager: stdout(text("%REQ(:path")) }],
  ["a length that is no number", { manager: stdout(text("%REQ(a):x%")) }],
  ["a lone percent sign", { manager: stdout(text("100% sure")) }],
  ["two percent signs", { manager: stdout(text("100%% sure")) }],
  [
    "a format file that is not there",
    { manager: stdout({ text_format_source: { filename: "/nope" } }) },
  ],
  [
    "a format in a variable that is not there",
    { manager: stdout({ text_format_source: { environment_variable: "NOPE" } }) },
  ],
  [
    "a log file in a folder that is not there",
    { manager: logTo("file.v3.FileAccessLog", { path: "/nope/log" }) },
  ],
  ["a log file that is a folder", { manager: logTo("file.v3.FileAccessLog", { path: "/" }) }],
  ["an unknown operator in a header", { routes: header("%NOPE%") }],
  ["a header's operator that is not closed", { routes: header("%REQ(a") }],
  ["a lone percent sign in a header", { routes: header("100%") }],
  ["a header's operator in lower case", { routes: header("%protocol%") }],
  ["an answer's file that is not there", { route: answer({ filename: "/nope" }) }],
  ["an answer's variable that is not there", { route: answer({ environment_variable: "NOPE" }) }],
  ["an answer that is too long", { route: answer({ inline_string: "x".repeat(5000) }) }],
  ["an unknown operator in local replies", localReply({ body_format: text("%NOPE%") })],
  [
    "a local reply's file that is not there",
    localReply({ mappers: [{ filter: everything, body: { filename: "/nope" } }] }),
  ],
  [
    "a local reply's variable that is not there",
    localReply({ mappers: [{ filter: everything, body: { environment_variable: "NOPE" } }] }),
  ],
  [
    "an unknown operator in a tag",
    { manager: { tracing: { custom_tags: [{ tag: "a", value: "%NOPE%" }] } } },
  ],
  ["an unknown operator in a span's name", { manager: { tracing: { operation: "%NOPE%" } } }],
];

function bootstrap({ manager = {}, routes = {}, route }: Changes): object {
  const table = [{ match: { prefix: "/" }, route: { cluster: "service" } }];
  const settings = {
    stat_prefix: "test",
    route_config: { ...routesOfAll(route === undefined ? table : [route, ...table]), ...routes },
    http_filters: [router()],
    ...manager,
  };
  return {
    static_resources: {
      listeners: [httpListener("main", 0, settings)],
      clusters: [cluster("service", 1)],
    },
  };
}

let folder: string;
let real: ProxyCommand;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tracemesh-validate-"));
  real = realEnvoy();
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What follows the file's name, without the places that only ours tells. */
function verdict(command: ProxyCommand, file: string): object {
  const [program = "", ...args] = command(file, ["--mode", "validate"]);
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  const printed = `${stdout}${stderr}`;
  const [, said = ""] = printed.split(`configuration '${file}'`);
  const words = said
    .replace(/^: /, "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("  "))
    .join("\n");
  return { words, status };
}

test.each(cases)(
  "%s",
  (_name, changes) => {
    const file = join(folder, "config.json");
    writeFileSync(file, JSON.stringify(bootstrap(changes)));
    const expected = verdict(real, file);
    expect(expected).toHaveProperty("words", expect.stringMatching(/./));
    expect(verdict(ourProxy, file)).toEqual(expected);
  },
  60_000,
);

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import type { UiSettings } from "../settings.ts";
import type { Exchange, ServerContext } from "./context.ts";
import { notFound, refuseMethod, sendJson } from "./respond.ts";

/** Paths inside the page's own router: they all get the page. */
const PAGES = /^(?:|index\.html|traces\/[^/]+|dependency|traceViewer)$/;

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Everything below /zipkin/ that is not the API. `rest` is what follows /zipkin/. */
export async function serveUi(
  { settings }: ServerContext,
  { request, response }: Exchange,
  rest: string,
): Promise<void> {
  const { ui } = settings;
  if (rest === "config.json") {
    await sendJson(request, response, uiConfig(ui, settings.searchEnabled), {
      cacheControl: "max-age=600",
      type: "application/json; charset=utf-8",
    });
    return;
  }
  const isPage = PAGES.test(rest);
  const name = isPage ? "index.html" : rest;
  const bytes = ui.folder === undefined ? undefined : await readStatic(ui.folder, name);
  if (isPage) {
    response.setHeader("cache-control", "max-age=60");
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(bytes === undefined ? plainPage : withBasePath(bytes, ui.basePath));
    return;
  }
  const type = mediaTypes[extname(name).toLowerCase()];
  if (bytes === undefined || type === undefined) {
    return request.method === "HEAD" ? refuseMethod(response, "GET") : notFound(response);
  }
  response.setHeader("cache-control", "max-age=31536000");
  response.setHeader("content-type", type);
  response.setHeader("x-content-type-options", "nosniff");
  response.end(bytes);
}

/** Undefined for what is not there or lies outside the folder. */
async function readStatic(folder: string, name: string): Promise<Buffer | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    return undefined; // a percent sign that is no escape: no such file
  }
  const root = normalize(folder + sep);
  const file = normalize(join(root, decoded));
  if (!file.startsWith(root) || decoded.includes("\0")) return undefined;
  return readFile(file).catch(() => undefined); // missing or a folder: not found either way
}

/** The page finds its files through its base element, as behind the real server. */
function withBasePath(page: Buffer, basePath: string): string {
  const text = page.toString("utf8");
  if (basePath === "/zipkin") return text;
  const path = basePath === "/" ? "" : basePath.replace(/["<>&]/g, "");
  return text.replace('<base href="/zipkin/"', `<base href="${path}/"`);
}

function uiConfig(ui: UiSettings, searchEnabled: boolean): Readonly<Record<string, unknown>> {
  return {
    environment: ui.environment,
    queryLimit: ui.queryLimit,
    defaultLookback: ui.defaultLookback,
    searchEnabled,
    logsUrl: ui.logsUrl,
    supportUrl: ui.supportUrl,
    archivePostUrl: ui.archivePostUrl,
    archiveUrl: ui.archiveUrl,
    dependency: {
      enabled: ui.dependencyEnabled,
      lowErrorRate: ui.lowErrorRate,
      highErrorRate: ui.highErrorRate,
    },
  };
}

const plainPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Zipkin API</title>
<style>body{font:16px/1.5 system-ui;margin:3rem auto;max-width:44rem;padding:0 1rem}code{background:#8882}</style>
</head>
<body>
<h1>The trace store is running</h1>
<p>No user interface is installed here: set <code>ZIPKIN_UI_DIR</code> to the folder of one.</p>
<h2>Send spans</h2>
<ul>
<li><code>POST /api/v2/spans</code>: JSON, or protobuf as <code>application/x-protobuf</code></li>
<li><code>POST /api/v1/spans</code>: JSON, or thrift as <code>application/x-thrift</code></li>
<li><code>POST /v1/traces</code>: OpenTelemetry, JSON or protobuf</li>
<li><code>POST /api/traces</code>: Jaeger thrift</li>
</ul>
<h2>Ask</h2>
<ul>
<li><a href="/api/v2/services">/api/v2/services</a></li>
<li><a href="/api/v2/traces">/api/v2/traces</a></li>
<li><code>/api/v2/trace/{traceId}</code></li>
<li><code>/api/v2/dependencies?endTs={milliseconds}</code></li>
<li><a href="/api/v2/stats">/api/v2/stats</a></li>
<li><a href="/api/v2/stream">/api/v2/stream</a></li>
<li><a href="/health">/health</a> <a href="/info">/info</a> <a href="/metrics">/metrics</a> <a href="/prometheus">/prometheus</a></li>
</ul>
</body>
</html>
`;

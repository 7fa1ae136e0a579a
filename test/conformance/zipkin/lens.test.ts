import { type RunningZipkin, type Span, startZipkin } from "@tracemesh/zipkin";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawing } from "./drawing.ts";
import { installChromium, installLens } from "./installed-judges.ts";

/** zipkin-lens, the user interface of Zipkin 3.5.1, unchanged, on our store. */
let zipkin: RunningZipkin;
let browser: Browser;
let page: Page;
let base: string;
const wrong: string[] = [];

const traceId = "463ac35c9f6413ad48485a3953bb6124";
const micros = Date.now() * 1000 - 60_000_000;
const frontend = { serviceName: "frontend" };
const payments = { serviceName: "payments" };
const [root, call, served] = ["000000000000000a", "000000000000000b", "000000000000000c"];
const spans: readonly Span[] = [
  span({ id: root, kind: "SERVER", name: "get /cart", localEndpoint: frontend }, 0, 300_000),
  span(
    {
      parentId: root,
      id: call,
      kind: "CLIENT",
      name: "charge",
      localEndpoint: frontend,
      remoteEndpoint: payments,
    },
    100_000,
    150_000,
  ),
  span(
    {
      parentId: call,
      id: served,
      kind: "SERVER",
      name: "post /charge",
      localEndpoint: payments,
      tags: { "card.type": "<b>visa</b>" },
    },
    120_000,
    101_000,
  ),
];

function span(members: Partial<Span> & { id: string }, offset: number, duration: number): Span {
  return { traceId, timestamp: micros + offset, duration, ...members };
}

beforeAll(async () => {
  const uiDir = installLens();
  const executablePath = installChromium();
  const env = { ZIPKIN_UI_DIR: uiDir };
  zipkin = await startZipkin({ env, port: 0, host: "127.0.0.1", log: (line) => wrong.push(line) });
  base = `http://127.0.0.1:${zipkin.port}`;
  const posted = await fetch(`${base}/api/v2/spans`, {
    method: "POST",
    body: JSON.stringify(spans),
  });
  expect(posted.status).toBe(202);
  const flags =
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  browser = await chromium.launch({ executablePath, args: ["--headless", ...flags.split(" ")] });
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`);
  });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await zipkin?.close();
});

test("a search finds the trace and opens its page", { timeout: 60_000 }, async () => {
  await page.goto(`${base}/zipkin/?serviceName=payments&lookback=15m&limit=10`);
  await page.getByRole("button", { name: /run query/i }).click();
  await page.getByText("frontend: get /cart").waitFor();
  await page.getByText(/^show$/i).click();
  await page.waitForURL(`**/zipkin/traces/${traceId}`);
  expect(wrong).toEqual([]);
});

test("a trace's page shows every span, its duration and its tags", {
  timeout: 60_000,
}, async () => {
  await page.goto(`${base}/zipkin/traces/${traceId}`);
  await page.getByText("payments: post /charge").click();
  await page.getByText("<b>visa</b>").waitFor();
  const text = await page.locator("body").innerText();
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "frontend: get /cart",
      "300ms",
      "frontend: charge",
      "150ms",
      "payments: post /charge",
      "101ms",
      served,
      call,
      traceId,
    ]),
  );
  expect(text).toMatch(/Total Spans\s+3\b/);
  expect(text).toMatch(/Services\s+2\b/);
  expect(wrong).toEqual([]);
});

test("the dependency page draws the link", { timeout: 60_000 }, async () => {
  const now = Date.now();
  const answer = page.waitForResponse((response) => response.url().includes("/dependencies"));
  await page.goto(`${base}/zipkin/dependency?startTime=${now - 3_600_000}&endTime=${now}`);
  expect(await (await answer).json()).toEqual([
    { parent: "frontend", child: "payments", callCount: 1 },
  ]);
  const canvas = page.locator("canvas");
  await canvas.waitFor();
  // The layout is worked out by a worker: drawn when a line runs from node to node.
  const graph = async () => drawing(page, await canvas.screenshot());
  await expect.poll(graph, { timeout: 30_000 }).toMatchObject({ nodes: 2, joined: true });
  expect(wrong).toEqual([]);
});

import http from "node:http";
import express from "express";
import { createProxyMiddleware } from "http-proxy-middleware";

const [port, upstream] = process.argv.slice(2).map(Number);
const proxy = createProxyMiddleware({
  target: `http://127.0.0.1:${upstream}`,
  agent: new http.Agent({ keepAlive: true }),
});
express()
  .use(proxy)
  .listen(port as number, "127.0.0.1");

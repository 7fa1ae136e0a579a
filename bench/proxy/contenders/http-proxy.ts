import http from "node:http";
import httpProxy from "http-proxy";

const [port, upstream] = process.argv.slice(2).map(Number);
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${upstream}`,
  agent: new http.Agent({ keepAlive: true }),
});
http.createServer((request, response) => proxy.web(request, response)).listen(port, "127.0.0.1");

import http from "node:http";
import fastProxy from "fast-proxy";

const [port, upstream] = process.argv.slice(2).map(Number);
const { proxy } = fastProxy({
  base: `http://127.0.0.1:${upstream}`,
  undici: { connections: 64, pipelining: 1 },
});
http
  .createServer((request, response) => proxy(request, response, request.url ?? "/", {}))
  .listen(port, "127.0.0.1");

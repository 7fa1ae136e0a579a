import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";

const [port, upstream] = process.argv.slice(2).map(Number);
const server = fastify();
server.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstream}`,
  undici: { connections: 64 },
});
await server.listen({ port: port as number, host: "127.0.0.1" });

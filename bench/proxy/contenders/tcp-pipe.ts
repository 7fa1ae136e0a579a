/** The floor of the runtime: bytes from socket to socket, no HTTP at all. */
import net from "node:net";

const [port, upstream] = process.argv.slice(2).map(Number);
net
  .createServer({ noDelay: true }, (client) => {
    const server = net.connect({ port: upstream as number, host: "127.0.0.1", noDelay: true });
    client.pipe(server).pipe(client);
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
  })
  .listen(port, "127.0.0.1");

import { createServer } from "node:http";
import { createFetch, middleware } from "@tracemesh/propagation";

const propagate = middleware({ mode: "forward" });
const fetch = createFetch({ mode: "forward" });
const next = createServer((req, res) => res.end(`next got ${req.headers["x-b3-traceid"]}\n`));
const service = createServer((req, res) =>
  propagate(req, res, async () => res.end(await (await fetch("http://localhost:9381")).text())),
);
next.listen(9381);
service.listen(9380); // curl -H 'x-b3-traceid: 463ac35c9f6413ad' localhost:9380

import { checkFormat, formatOf } from "../collector/formats.ts";
import type { Exchange, ServerContext } from "./context.ts";

/** POST of spans. 202 means decoded and stored; anything wrong means that nothing was. */
export async function acceptSpans(
  { bodies, collector }: ServerContext,
  { request, response, path }: Exchange,
): Promise<void> {
  const body = await bodies.read(request);
  const format = formatOf(path, request.headers["content-type"] ?? "");
  if (isNothing(body)) collector.acceptNothing();
  else {
    collector.accept(body, (bytes) => {
      checkFormat(format, bytes);
      return format.decode(bytes);
    });
  }
  response.statusCode = 202;
  response.end();
}

/** An empty body, or exactly `[]`. */
function isNothing(body: Buffer): boolean {
  return body.length === 0 || (body.length === 2 && body[0] === 0x5b && body[1] === 0x5d);
}

/** The smallest exchange found that still shows the difference: headers and then everything else taken away piece by piece. */
import type { HeaderLines } from "../../rig/recorded-case.ts";
import type { Exchange } from "./exchanges.ts";

export async function shrinkExchange(
  exchange: Exchange,
  differs: (candidate: Exchange) => Promise<boolean>,
): Promise<Exchange> {
  let smallest = exchange;
  const attempt = async (candidate: Exchange) => {
    if (JSON.stringify(candidate) === JSON.stringify(smallest)) return;
    if (await differs(candidate)) smallest = candidate;
  };
  for (let at = (smallest.request.headers?.length ?? 0) - 1; at >= 0; at--) {
    // Without an id of its own the request would get one, and a different one in each proxy.
    if (smallest.request.headers?.[at]?.[0] === "x-request-id") continue;
    const headers = without(smallest.request.headers, at);
    await attempt({ ...smallest, request: { ...smallest.request, headers } });
  }
  for (let at = (smallest.action.headers?.length ?? 0) - 1; at >= 0; at--) {
    const headers = without(smallest.action.headers, at);
    await attempt({ ...smallest, action: { ...smallest.action, headers } });
  }
  const { trailers: _, chunked: _chunked, ...untrailed } = smallest.action;
  await attempt({ ...smallest, action: untrailed });
  const { body: _body, ...bodiless } = smallest.request;
  await attempt({ ...smallest, request: bodiless });
  const { proto: _proto, ...overHttp1 } = smallest.request;
  await attempt({ ...smallest, request: overHttp1 });
  const [path = "/"] = (smallest.request.path ?? "/").split("?");
  await attempt({ ...smallest, request: { ...smallest.request, path } });
  await attempt({ ...smallest, request: { ...smallest.request, method: "GET" } });
  return smallest;
}

function without(lines: HeaderLines | undefined, at: number): HeaderLines {
  return (lines ?? []).filter((_, index) => index !== at);
}

import type { CaseRequest } from "../../rig/recorded-case.ts";

/** The smallest request found that still shows the difference: headers dropped one by one, then path and method made plain. */
export async function shrink(
  request: CaseRequest,
  differs: (candidate: CaseRequest) => Promise<boolean>,
): Promise<CaseRequest> {
  let smallest = request;
  for (let at = (smallest.headers?.length ?? 0) - 1; at >= 0; at--) {
    const headers = smallest.headers?.filter((_, index) => index !== at) ?? [];
    const candidate = { ...smallest, headers };
    if (await differs(candidate)) smallest = candidate;
  }
  for (const plain of [{ path: "/" }, { method: "GET" }]) {
    const candidate = { ...smallest, ...plain };
    if (await differs(candidate)) smallest = candidate;
  }
  return smallest;
}

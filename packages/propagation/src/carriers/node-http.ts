import type { Getter } from "../carrier.ts";

/** The part of Node's IncomingMessage that is read. */
export interface NodeRequest {
  /** Name, value, name, value, … as received. */
  readonly rawHeaders: readonly string[];
}

/** The first value of a header. `req.headers` joins repeats with ", ", which no id survives. */
export const nodeHttpGetter: Getter<NodeRequest> = ({ rawHeaders }, name) => {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) return rawHeaders[index + 1];
  }
  return undefined;
};

/** Every value of a header, in order: W3C needs to know of repeats. */
export function allNodeHttpValues({ rawHeaders }: NodeRequest, name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}

import { DecodeError } from "../model/decode-error.ts";
import { JsonPull } from "./json-pull.ts";

const SUFFIX = " reading List<Span> from json";

/** A list of objects; what follows its closing bracket is ignored. */
export function pullList(body: Buffer, pullItem: (json: JsonPull) => void): void {
  const json = new JsonPull(body.toString("utf8"));
  try {
    json.begin("list");
    while (json.hasNext()) pullItem(json);
    json.end();
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(error.message + SUFFIX);
    throw error;
  }
}

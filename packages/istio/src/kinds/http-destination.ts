import {
  type Decoder,
  decodeWith,
  integer,
  list,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { host, port, schemaError } from "../decode/scalars.ts";

/** A service, one of its subsets, and a port. */
export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number: number };
}

export interface HeaderChange {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

export interface HeaderOperations {
  readonly request?: HeaderChange;
  readonly response?: HeaderChange;
}

export const destination: Decoder<Destination> = object<Destination>(
  {
    host: required(host({ star: false })),
    subset: optional(string),
    port: optional(object<{ number: number }>({ number: required(port) }, { unknown: "refuse" })),
  },
  { unknown: "refuse" },
);

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function checkedNames<T extends object>(
  decode: Decoder<T>,
  namesOf: (value: T) => readonly string[],
) {
  return decodeWith(decode, (value, cursor) => {
    const bad = namesOf(value).find((name) => !headerName.test(name.replace(/^:/, "")));
    if (bad === undefined) return value;
    return schemaError(cursor, `${JSON.stringify(bad)} is not a header name`);
  });
}

const headerValues = checkedNames(record(text), Object.keys);
const headerNames = checkedNames(list(string), (names) => names);

const headerChange = object<HeaderChange>(
  { set: optional(headerValues), add: optional(headerValues), remove: optional(headerNames) },
  { unknown: "refuse" },
);

export const headers: Decoder<HeaderOperations> = object<HeaderOperations>(
  { request: optional(headerChange), response: optional(headerChange) },
  { unknown: "refuse" },
);

export const weight: Decoder<number> = decodeWith(integer, (value, cursor) =>
  value >= 0 ? value : schemaError(cursor, `weight ${value} is negative`),
);

/** Reads the first value of a header; names are given in lower case. */
export type Getter<Carrier> = (carrier: Carrier, name: string) => string | undefined;

/** Sets a header, replacing what was there; names are given in lower case. */
export type Setter<Carrier> = (carrier: Carrier, name: string, value: string) => void;

/** Headers as a plain record with lower-case names. */
export type HeaderRecord = Readonly<Record<string, string>>;

export const recordGetter: Getter<HeaderRecord> = (record, name) =>
  Object.hasOwn(record, name) ? record[name] : undefined;

export const recordSetter: Setter<Record<string, string>> = (record, name, value) => {
  record[name] = value;
};

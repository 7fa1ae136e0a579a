/** A place in an RE2 expression, and how to give up there. */

export class Re2Error extends Error {}

export function fail(message: string): never {
  throw new Re2Error(message);
}

export interface Reader {
  readonly pattern: string;
  at: number;
}

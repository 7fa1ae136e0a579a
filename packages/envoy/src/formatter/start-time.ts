/** strftime, as %START_TIME(...)% takes it: UTC, with Envoy's additions for fractions of a second. */
import { FormatError } from "./formatter.ts";

/** Writes a point in time. */
export type WriteTime = (micros: number) => string;

interface Moment {
  readonly date: Date;
  /** Whole seconds since the epoch, and what is left, in nanoseconds. */
  readonly seconds: number;
  readonly nanos: number;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]; // biome-ignore format: a table

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
const blank = (value: number): string => String(value).padStart(2, " ");
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;
const day = ({ date }: Moment): string => days[date.getUTCDay()] as string;
const month = ({ date }: Moment): string => months[date.getUTCMonth()] as string;
const yearDay = ({ date }: Moment): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);

/** ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 };
}

const clock = ({ date }: Moment): string =>
  `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
const calendar = ({ date }: Moment): string =>
  `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;

const specifiers: Readonly<Record<string, (moment: Moment) => string>> = {
  a: (m) => day(m).slice(0, 3),
  A: day,
  b: (m) => month(m).slice(0, 3),
  h: (m) => month(m).slice(0, 3),
  B: month,
  C: ({ date }) => pad(Math.floor(date.getUTCFullYear() / 100)),
  c: (m) =>
    `${day(m).slice(0, 3)} ${month(m).slice(0, 3)} ${blank(m.date.getUTCDate())} ${clock(m)} ${m.date.getUTCFullYear()}`,
  d: ({ date }) => pad(date.getUTCDate()),
  D: ({ date }) =>
    `${pad(date.getUTCMonth() + 1)}/${pad(date.getUTCDate())}/${pad(date.getUTCFullYear() % 100)}`,
  e: ({ date }) => blank(date.getUTCDate()),
  F: calendar,
  g: ({ date }) => pad(isoWeek(date).year % 100),
  G: ({ date }) => String(isoWeek(date).year),
  H: ({ date }) => pad(date.getUTCHours()),
  I: ({ date }) => pad(hour12(date)),
  j: (m) => pad(yearDay(m) + 1, 3),
  k: ({ date }) => blank(date.getUTCHours()),
  l: ({ date }) => blank(hour12(date)),
  m: ({ date }) => pad(date.getUTCMonth() + 1),
  M: ({ date }) => pad(date.getUTCMinutes()),
  p: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  r: (m) =>
    `${pad(hour12(m.date))}:${clock(m).slice(3)} ${m.date.getUTCHours() < 12 ? "AM" : "PM"}`,
  R: (m) => clock(m).slice(0, 5),
  s: ({ seconds }) => String(seconds),
  S: ({ date }) => pad(date.getUTCSeconds()),
  t: () => "\t",
  T: clock,
  u: ({ date }) => String(date.getUTCDay() || 7),
  U: (m) => pad(Math.floor((yearDay(m) + 7 - m.date.getUTCDay()) / 7)),
  V: ({ date }) => pad(isoWeek(date).week),
  w: ({ date }) => String(date.getUTCDay()),
  W: (m) => pad(Math.floor((yearDay(m) + 7 - ((m.date.getUTCDay() + 6) % 7)) / 7)),
  x: (m) => (specifiers["D"] as (moment: Moment) => string)(m),
  X: clock,
  y: ({ date }) => pad(date.getUTCFullYear() % 100),
  Y: ({ date }) => String(date.getUTCFullYear()),
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

/** `%3f` and `%f`, `%E3S` and `%E*S`, `%E3f`, `%Ez`, else a plain letter; `%n`, a line feed, is refused. */
const specifier = /%(?:([1-9])?f|E([0-9]|\*)([Sf])|E(\*)?z|([a-zA-Z%]))/g;

export function compileTime(format: string): WriteTime {
  if (format === "") return isoMillis;
  if (/%[-_0^#]*[1-9]*[EO]?n/.test(format))
    throw new FormatError("Invalid header configuration. Format string contains newline.");
  return (micros) => {
    const seconds = Math.floor(micros / 1_000_000);
    const nanos = Math.round((micros - seconds * 1_000_000) * 1000);
    const moment: Moment = { date: new Date(Math.floor(micros / 1000)), seconds, nanos };
    return format.replace(specifier, (whole, digits, width, unit, _star, letter) =>
      write(moment, whole, digits, width, unit, letter),
    );
  };
}

function write(
  moment: Moment,
  whole: string,
  digits: string | undefined,
  width: string | undefined,
  unit: string | undefined,
  letter: string | undefined,
): string {
  if (letter !== undefined) return specifiers[letter]?.(moment) ?? whole;
  if (width !== undefined) return fraction(moment, width, unit);
  if (whole.endsWith("z")) return "+00:00";
  return pad(moment.nanos, 9).slice(0, Number(digits ?? 9));
}

/** `%E#S` seconds with # digits (`*`: as many as it takes), `%E#f` the digits alone. */
function fraction({ date, nanos }: Moment, width: string, unit: string | undefined): string {
  const all = pad(nanos, 9);
  const digits = width === "*" ? all.replace(/0+$/, "") : all.slice(0, Number(width));
  if (unit === "f") return digits === "" ? "0" : digits;
  const seconds = pad(date.getUTCSeconds());
  return digits === "" ? seconds : `${seconds}.${digits}`;
}

function isoMillis(micros: number): string {
  return new Date(Math.floor(micros / 1000)).toISOString();
}

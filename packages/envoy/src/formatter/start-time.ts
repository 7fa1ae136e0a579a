/** Time formats of %START_TIME(...)%: strftime's, with additions of Envoy's and of its library for fractions of a second and time zones. */
import { FormatError } from "./formatter.ts";
import { type ClockTime, strftime } from "./strftime.ts";

/** Writes a point in time. */
export type WriteTime = (micros: number) => string;

/** Where clocks are read: UTC, or as the process's TZ says. */
export type Zone = "utc" | "local";

interface Moment extends ClockTime {
  readonly offsetMinutes: number;
  /** Of the second. */
  readonly nanos: number;
}

/** The library knows fractions to the femtosecond and writes no more digits than this. */
const maxFractionDigits = 18;

/** `%3f` and `%f`; `%E3S`, `%E*S`, `%E3f`, `%E*f`; `%z`, `%Ez`, `%E*z`, `%:z`, `%::z`, `%:::z`; `%E4Y`, `%ET`. A doubled percent is none of them. */
const addition = /%%|%([1-9])?f|%E([0-9]+|\*)([Sf])|%(E\*?|:{0,3})z|%E(4Y|T)/g;

export function compileTime(format: string, zone: Zone = "utc"): WriteTime {
  if (format === "")
    return zone === "utc" ? isoMillis : compileTime("%Y-%m-%dT%H:%M:%E3S%z", "local");
  if (/%[-_0^#]*[1-9]*[EO]?n/.test(format))
    throw new FormatError("Invalid header configuration. Format string contains newline.");
  return (micros) => {
    const moment = momentOf(micros, zone);
    const plain = format.replace(addition, (whole, digits, width, unit, zoneStyle, other) => {
      if (whole === "%%") return whole;
      if (width !== undefined) return fraction(moment, width, unit);
      if (zoneStyle !== undefined) return offsetText(moment.offsetMinutes, zoneStyle);
      if (other !== undefined) return other === "T" ? "T" : year4(moment);
      return String(moment.nanos)
        .padStart(9, "0")
        .slice(0, Number(digits ?? 9));
    });
    return strftime(plain, moment);
  };
}

function momentOf(micros: number, zone: Zone): Moment {
  const seconds = Math.floor(micros / 1_000_000);
  const nanos = Math.round((micros - seconds * 1_000_000) * 1000);
  const date = new Date(Math.floor(micros / 1000));
  if (zone === "utc") return { date, offsetMinutes: 0, zoneName: "UTC", seconds, nanos };
  const offsetMinutes = -date.getTimezoneOffset();
  const shown = new Date(date.getTime() + offsetMinutes * 60_000);
  return { date: shown, offsetMinutes, zoneName: zoneName(date), seconds, nanos };
}

/** Where the names of zones are said as people there say them: `CET`, `EST`, `IST`, `AEST`. */
const locales = ["en-GB", "en-US", "en-IN", "en-AU", "en-ZA"];

/** A zone without letters is called by its offset: `-03`. */
function zoneName(date: Date): string {
  let name = "";
  for (const locale of locales) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(date);
    name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (!/^GMT./.test(name)) return name;
  }
  return name.replace(
    /^GMT([+-])(\d+):?(\d*)$/,
    (_, sign: string, hours: string, minutes: string) => sign + hours.padStart(2, "0") + minutes,
  );
}

/** `%E#S` seconds with # digits (`*`: as many as it takes), `%E#f` the digits alone. */
function fraction({ date, nanos }: Moment, width: string, unit: string): string {
  const all = String(nanos).padStart(9, "0");
  const digits =
    width === "*"
      ? all.replace(/0+$/, "")
      : all.padEnd(maxFractionDigits, "0").slice(0, Number(width));
  if (unit === "f") return digits === "" && width === "*" ? "0" : digits;
  const seconds = String(date.getUTCSeconds()).padStart(2, "0");
  return digits === "" ? seconds : `${seconds}.${digits}`;
}

function year4({ date }: Moment): string {
  return String(date.getUTCFullYear()).padStart(4, "0");
}

/** `+0100`; `+01:00` for `E` and `:`, with seconds for `E*` and `::`; `:::` leaves away what is nought. */
function offsetText(minutes: number, style: string): string {
  const size = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}`;
  if (style === ":::" && size % 60 === 0) return hours;
  if (style === "") return hours + pad(size % 60);
  const short = `${hours}:${pad(size % 60)}`;
  return style === "E*" || style === "::" ? `${short}:00` : short;
}

function isoMillis(micros: number): string {
  return new Date(Math.floor(micros / 1000)).toISOString();
}

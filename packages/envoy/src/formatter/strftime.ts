/** C's strftime in the C locale: flags, widths and modifiers as glibc takes them, which is what Envoy's time formats fall back on. */

/** A moment on a clock. */
export interface ClockTime {
  /** Shifted so that its UTC fields are what clocks in the zone show. */
  readonly date: Date;
  readonly zoneName: string;
  /** Since the epoch. */
  readonly seconds: number;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]; // biome-ignore format: a table

interface NumberField {
  readonly value: (time: ClockTime) => number;
  /** Digits it has at least, and what fills them up. */
  readonly digits: number;
  readonly fill: "0" | " ";
  /** Letters of C99 that may stand before it. */
  readonly modifiers: string;
}

const number = (
  digits: number,
  value: (time: ClockTime) => number,
  modifiers = "O",
  fill: "0" | " " = "0",
): NumberField => ({ digits, value, modifiers, fill });

const year = ({ date }: ClockTime): number => date.getUTCFullYear();
const hour12 = ({ date }: ClockTime): number => date.getUTCHours() % 12 || 12;
const yearDay = ({ date }: ClockTime): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);

/** ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek({ date }: ClockTime): { readonly year: number; readonly week: number } {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const its = thursday.getUTCFullYear();
  return {
    year: its,
    week: Math.floor((thursday.getTime() - Date.UTC(its, 0, 1)) / 604_800_000) + 1,
  };
}

const numbers: Readonly<Record<string, NumberField>> = {
  C: number(2, (time) => Math.floor(year(time) / 100), "E"),
  d: number(2, ({ date }) => date.getUTCDate()),
  e: number(2, ({ date }) => date.getUTCDate(), "O", " "),
  g: number(2, (time) => isoWeek(time).year % 100, ""),
  G: number(1, (time) => isoWeek(time).year, ""),
  H: number(2, ({ date }) => date.getUTCHours()),
  I: number(2, hour12),
  j: number(3, (time) => yearDay(time) + 1, ""),
  k: number(2, ({ date }) => date.getUTCHours(), "O", " "),
  l: number(2, hour12, "O", " "),
  m: number(2, ({ date }) => date.getUTCMonth() + 1),
  M: number(2, ({ date }) => date.getUTCMinutes()),
  s: number(1, ({ seconds }) => seconds, "", " "),
  S: number(2, ({ date }) => date.getUTCSeconds()),
  u: number(1, ({ date }) => date.getUTCDay() || 7),
  U: number(2, (time) => Math.floor((yearDay(time) + 7 - time.date.getUTCDay()) / 7)),
  V: number(2, (time) => isoWeek(time).week),
  w: number(1, ({ date }) => date.getUTCDay()),
  W: number(2, (time) => Math.floor((yearDay(time) + 7 - ((time.date.getUTCDay() + 6) % 7)) / 7)),
  y: number(2, (time) => year(time) % 100, "EO"),
  Y: number(1, year, "E"),
};

const day = ({ date }: ClockTime): string => days[date.getUTCDay()] ?? "";
const month = ({ date }: ClockTime): string => months[date.getUTCMonth()] ?? "";
const half = ({ date }: ClockTime): string => (date.getUTCHours() < 12 ? "AM" : "PM");

const texts: Readonly<Record<string, (time: ClockTime) => string>> = {
  a: (time) => day(time).slice(0, 3),
  A: day,
  b: (time) => month(time).slice(0, 3),
  h: (time) => month(time).slice(0, 3),
  B: month,
  c: (time) => strftime("%a %b %e %H:%M:%S %Y", time),
  D: (time) => strftime("%m/%d/%y", time),
  F: (time) => strftime("%Y-%m-%d", time),
  p: half,
  P: (time) => half(time).toLowerCase(),
  r: (time) => strftime("%I:%M:%S %p", time),
  R: (time) => strftime("%H:%M", time),
  t: () => "\t",
  T: (time) => strftime("%H:%M:%S", time),
  x: (time) => strftime("%m/%d/%y", time),
  X: (time) => strftime("%H:%M:%S", time),
  Z: ({ zoneName }) => zoneName,
  "%": () => "%",
};
/** Of these texts, those that a modifier may stand before. */
const modifiedTexts = new Set(["Ec", "Ex", "EX"]);

const directive = /%([-_0^#]*)([0-9]*)([EO]?)([a-zA-Z%])?/g;

/** What it does not know stays as it is. */
export function strftime(format: string, time: ClockTime): string {
  return format.replace(directive, (whole, flags, width, modifier, letter) => {
    const style = { flags, width: Number(width) };
    const text = letter === undefined ? undefined : write(letter, modifier, style, time);
    return text ?? whole.padStart(style.width, " ");
  });
}

interface Style {
  readonly flags: string;
  /** 0: as many as it takes. */
  readonly width: number;
}

function write(
  letter: string,
  modifier: string,
  style: Style,
  time: ClockTime,
): string | undefined {
  if (letter === "z" && modifier !== "E") return writeOffset(style);
  const field = Object.hasOwn(numbers, letter) ? numbers[letter] : undefined;
  if (field !== undefined)
    return field.modifiers.includes(modifier) ? writeNumber(field, style, time) : undefined;
  const text = Object.hasOwn(texts, letter) ? texts[letter] : undefined;
  if (text === undefined || (modifier !== "" && !modifiedTexts.has(modifier + letter)))
    return undefined;
  return writeText(text(time), letter, style);
}

/** The last of the flags on filling wins; undefined: none of them. */
function fillOf(flags: string): string | undefined {
  const last = flags.match(/[-_0]/g)?.at(-1);
  return last === "_" ? " " : last;
}

function writeNumber({ value, digits, fill }: NumberField, style: Style, time: ClockTime): string {
  const chosen = fillOf(style.flags) ?? fill;
  const text = String(value(time));
  return chosen === "-" ? text : text.padStart(Math.max(digits, style.width), chosen);
}

function writeText(text: string, letter: string, { flags, width }: Style): string {
  let cased = text;
  if (flags.includes("#")) cased = "pZ".includes(letter) ? text.toLowerCase() : text.toUpperCase();
  else if (flags.includes("^")) cased = text.toUpperCase();
  return cased.padStart(width, fillOf(flags) === "0" ? "0" : " ");
}

/** Here Envoy's library hands over no zone: with a flag, a width or a modifier it is always +0000. */
function writeOffset({ flags, width }: Style): string {
  const fill = fillOf(flags);
  if (fill === "-") return "+0";
  const blanks = width > 4 ? " ".repeat(width - 1) : "";
  return `${blanks}+${"0".padStart(Math.max(4, width), fill ?? "0")}`;
}

/** Colours of a terminal, or plain text where there is none. */
export interface Styles {
  dim(text: string): string;
  bold(text: string): string;
  error(text: string): string;
  good(text: string): string;
  /** One of a few colours, always the same for the same index. */
  colour(index: number, text: string): string;
}

const palette = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];

export function createStyles(colours: boolean): Styles {
  const sgr =
    (code: number) =>
    (text: string): string =>
      colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    dim: sgr(2),
    bold: sgr(1),
    error: sgr(31),
    good: sgr(32),
    colour: (index, text) => sgr(palette[index % palette.length] ?? 36)(text),
  };
}

/** https://no-color.org and https://force-color.org */
export function wantsColours(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}

/** Text that came from outside: control characters could steer the terminal. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

import { StringDecoder } from "node:string_decoder";

// A program that never ends its line must not fill our memory.
const maxLineChars = 16_384;

/** Turns chunks of output into whole lines; a line that is too long is given in pieces. */
export function splitLines(line: (text: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text.replace(/\r$/, ""));
    while (rest.length > maxLineChars) {
      line(rest.slice(0, maxLineChars));
      rest = rest.slice(maxLineChars);
    }
  };
}

/** Looks a variable up; undefined when it is not set (which `${A-x}` tells from set but empty). */
export type Variables = (name: string) => string | undefined;

const nameAt = /[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * Replaces `$NAME`, `${NAME}` and the `:-` `-` `:?` `?` `:+` `+` forms; `$$` is a plain dollar sign.
 * An unset variable becomes the empty string, as in Compose.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolate(text: string, variables: Variables): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf("$", at);
    if (dollar === -1) return out + text.slice(at);
    out += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === "$") {
      out += "$";
      at = dollar + 2;
    } else if (next === "{") {
      const end = closingBrace(text, dollar + 2);
      out += expand(text.slice(dollar + 2, end), variables);
      at = end + 1;
    } else {
      const name = readName(text, dollar + 1);
      if (name === undefined) throw invalid(text.slice(dollar), "write $$ for a plain dollar sign");
      out += variables(name) ?? "";
      at = dollar + 1 + name.length;
    }
  }
  return out;
}

/** The inside of `${...}`. */
function expand(inside: string, variables: Variables): string {
  const name = readName(inside, 0);
  if (name === undefined) throw invalid(`\${${inside}}`, "a variable name is expected");
  const rest = inside.slice(name.length);
  if (rest === "") return variables(name) ?? "";
  const value = variables(name);
  const treatEmptyAsUnset = rest.startsWith(":");
  const operator = rest[treatEmptyAsUnset ? 1 : 0];
  const word = rest.slice(treatEmptyAsUnset ? 2 : 1);
  const present = value !== undefined && !(treatEmptyAsUnset && value === "");
  switch (operator) {
    case "-":
      return present ? value : interpolate(word, variables);
    case "+":
      return present ? interpolate(word, variables) : "";
    case "?":
      if (present) return value;
      throw new Error(
        `the variable ${name} is required${word === "" ? "" : `: ${interpolate(word, variables)}`}`,
      );
    default:
      throw invalid(`\${${inside}}`, "after the name only :- - :? ? :+ + are allowed");
  }
}

function readName(text: string, at: number): string | undefined {
  nameAt.lastIndex = at;
  return nameAt.exec(text)?.[0];
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "$" && text[at + 1] === "{") depth += 1;
    else if (text[at] === "}") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw invalid(text.slice(from - 2), 'the closing "}" is missing');
}

function invalid(text: string, why: string): Error {
  return new Error(`invalid variable "${text}": ${why}`);
}

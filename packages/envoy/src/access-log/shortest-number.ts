/** A number of the configuration in its shortest form, as std::to_chars writes it: `100000` is `1e+05`, `123456` stays. */
export function shortestNumber(value: number): string {
  const plain = Object.is(value, -0) ? "0" : String(value);
  if (plain.includes("e")) return plain.replace(/e([+-])(\d)$/, "e$10$2");
  const exponential = value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return exponential.length < plain.length ? exponential : plain;
}

/** What the client says about the one encoding that is on offer, in the words of the compressor's statistics. */
export type EncodingChoice =
  | "no_accept_header"
  | "header_compressor_used"
  | "header_wildcard"
  | "header_identity"
  | "header_not_valid";

interface Preference {
  readonly encoding: string;
  readonly quality: number;
}

const identity = "identity";
const wildcard = "*";

/** RFC 9110 section 12.5.3 as Envoy reads it: names are case-sensitive, and the first of equal qualities wins. */
export function chooseEncoding(
  acceptEncoding: string | undefined,
  offered: string | undefined,
): EncodingChoice {
  if (acceptEncoding === undefined) return "no_accept_header";
  const preferences = acceptEncoding.split(",").flatMap(parsePreference);
  const isRefused = preferences.some(
    ({ encoding, quality }) => encoding === offered && quality === 0,
  );
  const available = new Set([identity, wildcard]);
  if (offered !== undefined && !isRefused) available.add(offered);
  let choice: Preference = { encoding: identity, quality: 0 };
  for (const preference of preferences)
    if (preference.quality > choice.quality && available.has(preference.encoding))
      choice = preference;
  if (choice.quality === 0) return "header_not_valid";
  if (choice.encoding === identity) return "header_identity";
  if (choice.encoding !== wildcard) return "header_compressor_used";
  return offered === undefined || isRefused ? "header_not_valid" : "header_wildcard";
}

/** `gzip;q=0.5`; one whose quality is no number does not count. */
function parsePreference(token: string): Preference[] {
  const [name = "", parameter] = token.split(";", 2);
  const encoding = name.trim();
  if (encoding === "") return [];
  const [key, value] = (parameter ?? "").split("=", 2);
  if (value === undefined || key?.trim().toLowerCase() !== "q") return [{ encoding, quality: 1 }];
  const quality = value.trim() === "" ? Number.NaN : Number(value);
  return Number.isNaN(quality) ? [] : [{ encoding, quality }];
}

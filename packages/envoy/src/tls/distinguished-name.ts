/** Names of subjects and issuers as RFC 2253 writes them: the most specific part first. https://www.rfc-editor.org/rfc/rfc2253 */

/** `lines` is node:crypto's form: `C=DE` and so on, one to a line, the most general part first. */
export function distinguishedName(lines: string): string {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .reverse()
    .join(",");
}

import type { HeaderValueOption } from "../../config/header-value-option.ts";
import type { HeaderMap } from "../../http/header-map.ts";

/** Headers of the file, which have no request to take values from. */
export function addConfiguredHeaders(
  headers: HeaderMap,
  options: readonly HeaderValueOption[],
): void {
  for (const { header, appendAction } of options) {
    const name = header.key.toLowerCase();
    switch (appendAction) {
      case "APPEND_IF_EXISTS_OR_ADD":
        headers.add(name, header.value);
        break;
      case "ADD_IF_ABSENT":
        if (!headers.has(name)) headers.add(name, header.value);
        break;
      case "OVERWRITE_IF_EXISTS_OR_ADD":
        headers.set(name, header.value);
        break;
      case "OVERWRITE_IF_EXISTS":
        if (headers.has(name)) headers.set(name, header.value);
        break;
    }
  }
}

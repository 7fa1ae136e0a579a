/** Random local_reply_config: which replies of the proxy's own become what. */
import fc from "fast-check";
import { format } from "./formats.ts";
import { filter } from "./logs.ts";
import { present, responseAdditions } from "./rules.ts";

const bodyFormat: fc.Arbitrary<object> = fc
  .tuple(
    fc.oneof(
      format.map((text) => ({
        text_format_source: { inline_string: `%LOCAL_REPLY_BODY%|${text}` },
      })),
      format.map((text) => ({ text_format: text })).filter(({ text_format }) => text_format !== ""),
      fc.tuple(format, format).map(([one, two]) => ({
        json_format: { b: one, a: "%RESPONSE_CODE%", body: "%LOCAL_REPLY_BODY%", inner: { two } },
      })),
    ),
    fc.constantFrom(undefined, "text/html", "application/x; charset=y"),
    fc.constantFrom(undefined, true),
  )
  .map(([one, content_type, omit_empty_values]) =>
    present({ ...one, content_type, omit_empty_values }),
  );

const mapper = fc
  .record({
    filter,
    status_code: fc.constantFrom(undefined, 200, 418, 503, 599),
    body: fc.constantFrom(undefined, { inline_string: "mapped" }, { inline_string: "" }),
    body_format_override: fc.option(bodyFormat, { nil: undefined, freq: 2 }),
    headers_to_add: fc.option(responseAdditions, { nil: undefined }),
  })
  .map(present);

export const localReplyConfig: fc.Arbitrary<object> = fc
  .record({
    mappers: fc.array(mapper, { maxLength: 3 }),
    body_format: fc.option(bodyFormat, { nil: undefined, freq: 2 }),
  })
  .map(present);

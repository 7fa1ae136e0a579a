/** The messages that hold `name` and `typed_config`: filters, access logs, tracing providers, TypedExtensionConfig. */
import {
  type AnyOptions,
  any,
  type DecodedAny,
  nameIn,
  type Registry,
  reportUntyped,
} from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { type Fields, optional, required, withDefault } from "./decode/field.ts";
import { type MessageOptions, message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";

export interface ExtensionKind<Config> extends AnyOptions {
  readonly registry: () => Registry<Config>;
  /** access loggers may go without a name. */
  readonly nameIsOptional?: boolean;
}

interface AsWritten<Config> {
  readonly name: string;
  readonly typedConfig?: DecodedAny<Config>;
}

/** `extras` are the message's further fields, decoded beside name, typeUrl and config. */
export function namedExtension<Config, Extras extends object = Record<never, never>>(
  messageName: string,
  kind: ExtensionKind<Config>,
  extras: Fields<Extras>,
  options: MessageOptions<AsWritten<Config> & Extras> = {},
): Decoder<TypedExtension<Config> & Extras> {
  const fields = {
    name: kind.nameIsOptional ? withDefault(string(), "") : required(string({ minLen: 1 })),
    typedConfig: optional(any(kind.registry, kind)),
    ...extras,
  } as unknown as Fields<AsWritten<Config> & Extras>;
  const inner = message(messageName, fields, options);
  return {
    ...inner,
    decode(node, at) {
      const decoded = inner.decode(node, at.named(nameIn(node)));
      if (decoded === undefined) return undefined;
      const { name, typedConfig, ...rest } = decoded;
      if (typedConfig === undefined) {
        reportUntyped(node, at, name);
        return undefined;
      }
      const value = { name, ...typedConfig, ...rest } as unknown as TypedExtension<Config> & Extras;
      at.report.origins.set(value, { node, scope: at });
      return value;
    },
  };
}

/** Values by address range; an address finds that of the longest prefix. */
import { isIP, isIPv4 } from "node:net";
import type { CidrRange } from "../config/address.ts";

interface Range<Value> {
  readonly bits: bigint;
  readonly length: number;
  readonly isV4: boolean;
  readonly value: Value;
}

export class RangeMap<Value> {
  #ranges: Range<Value>[] = [];

  /** The value of exactly that range. */
  getOrAdd({ addressPrefix, prefixLen }: CidrRange, create: () => Value): Value {
    const isV4 = isIPv4(addressPrefix);
    const length = Math.min(prefixLen, isV4 ? 32 : 128);
    const bits = prefixBits(addressPrefix, isV4, length);
    const present = this.#ranges.find(
      (range) => range.isV4 === isV4 && range.length === length && range.bits === bits,
    );
    if (present !== undefined) return present.value;
    const value = create();
    this.#ranges.push({ bits, length, isV4, value });
    this.#ranges.sort((a, b) => b.length - a.length);
    return value;
  }

  map<Other>(change: (value: Value) => Other): RangeMap<Other> {
    const other = new RangeMap<Other>();
    other.#ranges = this.#ranges.map((range) => ({ ...range, value: change(range.value) }));
    return other;
  }

  find(address: string): Value | undefined {
    if (isIP(address) === 0) return undefined;
    const isV4 = isIPv4(address);
    const width = isV4 ? 32 : 128;
    const bits = addressBits(address, isV4);
    const range = this.#ranges.find(
      (one) => one.isV4 === isV4 && bits >> BigInt(width - one.length) === one.bits,
    );
    return range?.value;
  }
}

function prefixBits(address: string, isV4: boolean, length: number): bigint {
  return addressBits(address, isV4) >> BigInt((isV4 ? 32 : 128) - length);
}

function addressBits(address: string, isV4: boolean): bigint {
  return isV4 ? v4Bits(address) : v6Bits(address);
}

function v4Bits(address: string): bigint {
  return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** Groups of 16 bits, `::` for a run of zeros, perhaps an IPv4 address at the end, perhaps a zone. */
function v6Bits(address: string): bigint {
  const [text = ""] = address.split("%");
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${(v4Bits(dotted[2] ?? "") >> 16n).toString(16)}:${(v4Bits(dotted[2] ?? "") & 0xffffn).toString(16)}`;
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

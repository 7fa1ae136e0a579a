/** HTTP/2 frames as bytes, also those that no library would send. https://www.rfc-editor.org/rfc/rfc9113#section-4 */

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** RFC 9113 7. */
export const errorNames: readonly string[] = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export function frame(
  type: number,
  flagBits: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flagBits;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Pairs of identifier and value. */
export type SettingPairs = readonly (readonly [id: number, value: number])[];

export function settings(...pairs: SettingPairs): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], at) => {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value, at * 6 + 2);
  });
  return frame(frameTypes.settings, 0, 0, payload);
}

export const settingsAck: Buffer = frame(frameTypes.settings, flags.ack, 0);

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export const windowUpdate = (stream: number, by: number): Buffer =>
  frame(frameTypes.windowUpdate, 0, stream, uint32(by));

export const reset = (stream: number, code: number): Buffer =>
  frame(frameTypes.reset, 0, stream, uint32(code));

export const goAway = (lastStream: number, code: number): Buffer =>
  frame(frameTypes.goAway, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));

export const ping = (flagBits = 0): Buffer =>
  frame(frameTypes.ping, flagBits, 0, Buffer.from("12345678"));

export const data = (stream: number, body: string | Buffer, endStream = false): Buffer =>
  frame(frameTypes.data, endStream ? flags.endStream : 0, stream, Buffer.from(body));

/** Cuts a byte stream into frames. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    let bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    while (bytes.length >= 9) {
      const length = bytes.readUIntBE(0, 3);
      if (bytes.length < 9 + length) break;
      frames.push({
        type: bytes[3] as number,
        flags: bytes[4] as number,
        stream: bytes.readUInt32BE(5) & 0x7fffffff,
        payload: bytes.subarray(9, 9 + length),
      });
      bytes = bytes.subarray(9 + length);
    }
    this.#bytes = bytes;
    return frames;
  }
}

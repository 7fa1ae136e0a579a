import type { Settings } from "node:http2";

/** What we announce on both sides. A stream that is not read is held back by its window, so the window bounds what it can occupy. */
export const localSettings: Settings = {
  enablePush: false,
  initialWindowSize: 256 * 1024,
  maxConcurrentStreams: 1024,
};

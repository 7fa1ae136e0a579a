import type { Http2Session } from "node:http2";

/**
 * A GOAWAY says that no new streams are wanted; those under way go on (RFC 9113 6.8), with an error code, too. node:http2 destroys the session
 * on a code and closes it without one; it calls these two methods to do so, and nothing else calls them in this way.
 */
export function outliveGoAway(session: Http2Session): { readonly close: () => void } {
  const destroy = session.destroy.bind(session);
  const close = session.close.bind(session);
  session.destroy = (error, code) => {
    // The library also calls it with null, whatever its types say.
    const isGoAway = error instanceof Error && "code" in error && code === 0;
    if (!isGoAway || error.code !== "ERR_HTTP2_SESSION_ERROR") destroy(error, code);
  };
  session.close = () => {};
  return { close };
}

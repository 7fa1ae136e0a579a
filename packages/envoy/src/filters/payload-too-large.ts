/** What is said where a body has to be kept whole and is larger than the listener's buffer limit. */
import {
  buildGrpcReply,
  buildHttpReply,
  type LocalReply,
  type LocalReplyParts,
  newReplyHeaders,
  plainText,
} from "../connection-manager/local-reply.ts";

export const requestTooLarge: LocalReply = {
  status: 413,
  body: "Payload Too Large",
  details: "request_payload_too_large",
  closes: true,
};

export function responseTooLarge(isGrpc: boolean): LocalReplyParts {
  const reply = { status: 500, body: "Internal Server Error" };
  const headers = newReplyHeaders(reply.status);
  return isGrpc
    ? buildGrpcReply(headers, reply, false)
    : buildHttpReply(headers, reply.body, plainText, false);
}

/** The request's bytes are not what they claim to be. The message is the whole answer: one line. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

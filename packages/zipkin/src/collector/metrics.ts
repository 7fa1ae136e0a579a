/** What Zipkin counts of each way in. */
export interface TransportMetrics {
  messages: number;
  messagesDropped: number;
  spans: number;
  spansDropped: number;
  bytes: number;
  /** Of the latest message. */
  messageSpans: number;
  messageBytes: number;
}

export function createTransportMetrics(): TransportMetrics {
  return {
    messages: 0,
    messagesDropped: 0,
    spans: 0,
    spansDropped: 0,
    bytes: 0,
    messageSpans: 0,
    messageBytes: 0,
  };
}

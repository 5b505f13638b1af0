/** An open WebSocket, in the eyes of who has to end it. */
export interface Session {
  /** Lets what is under way come to its end, and then closes. In `graceMs` at the latest it is cut. */
  drain(graceMs: number): void;
}

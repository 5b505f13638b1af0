/** An open WebSocket, in the eyes of who has to end it. */
export interface Session {
  /** Lets what is under way come to its end, and then closes. */
  drain(): void;
}

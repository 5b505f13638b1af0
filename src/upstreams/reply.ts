/** What an exchange brings, whatever its status. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface Reply {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReplyHeaders;
  /** The media type without its parameters, lower case; empty where none is named. */
  readonly contentType: string;
  /** Decoded bytes, for one reader. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Buffer>;
  /** The whole body; longer than the limit is an error. */
  text(limitBytes: number): Promise<string>;
  /** The same without a wait, where all of it is there already. */
  textNow?(limitBytes: number): string | undefined;
  /** The beginning of the body, for error pages: never throws but for an abort, never waits for more than it needs. */
  excerpt(limitBytes: number): Promise<string>;
  /** So much of what came is held until more comes. Where there is a promise, that is to be waited for first. */
  holds?(bytes: number): Promise<void> | undefined;
  /** Nobody wants the body. */
  discard(): void;
}

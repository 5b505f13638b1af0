/**
 * The Live API: a conversation by voice, over a WebSocket on both sides. What is said on it goes through as it is; the relay
 * reads what leads to a door, what must be its client's own, and what was used.
 */
import { hash } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Asker, KeepingKinds } from './kept.ts';
import type { JsonObject } from './types.ts';
import type { TokenUsage } from './usage.ts';

/** Codes by which Google closes a line, and so does the relay (RFC 6455, 7.4.1). */
export const INVALID_DATA = 1007;
export const POLICY = 1008;
export const INTERNAL = 1011;

export const SESSIONS = 'Sessions of the Live API';

/** The first message of a client. */
export interface LiveSetup {
  /** All of it but the model, which doors spell differently. */
  readonly fields: JsonObject;
  readonly model: string;
  /** What Google keeps that it names: it leads to the door that has it. */
  readonly names: readonly string[];
  /** Tokens that go in with it, about. */
  readonly tokens: number;
}

/** A message, and whether it was sent as bytes. */
export type Deliver = (message: Buffer, isBinary: boolean) => void;

/** What a client has dialled. */
export interface LiveAddress {
  /** Of the Gemini API. */
  readonly version: string;
  /** Kinds of doors that have it, the preferred one first. */
  readonly kinds: KeepingKinds;
}

/** A line to Google that stands, before anything was said on it. */
export interface LiveCall {
  /**
   * Resolves once Google has said something, on this line or, where it does not take the setup, on another door's. All that
   * Google says on it is delivered from then on, the first words before this resolves.
   */
  begin(setup: LiveSetup, deliver: Deliver): Promise<WebSocket>;
  /** Nobody wants it any more. */
  leave(): void;
}

/** Rejections are RelayErrors fit for the client. */
export interface Live {
  /** Whether this relay has a door for it. */
  isOpen(): boolean;
  /** Of something that Google keeps and that is named on the way: rejects where it is not the caller's, or elsewhere. */
  checkNames(names: readonly string[], asker: Asker): Promise<void>;
  connect(address: LiveAddress, asker: Asker): Promise<LiveCall>;
  /** A turn has used so much. Rejects where a limit of the caller's is reached. */
  spent(used: TokenUsage, asker: Asker): Promise<void>;
  /** By this handle the session can be taken up again, by who has it now and at its door. Never rejects. */
  keepHandle(handle: string, asker: Asker): Promise<void>;
}

/** As it is kept: handles are long, and as good as keys. */
export const nameOfHandle = (handle: string): string => `liveSessions/${hash('sha256', handle)}`;

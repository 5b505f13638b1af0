/** One of several doors. */
import type { VisitedDoor } from '../../gemini/call.ts';
import type { Status } from '../../health.ts';
import type { Upstream } from '../../gemini/call.ts';
import type { DoorKind } from '../decision.ts';

export interface Place extends VisitedDoor {
  readonly kind: DoorKind;
  readonly label: string | undefined;
  /** Opened when first asked; all keys of one kind share it. */
  readonly upstream: Upstream;
  requests: number;
  errors: number;
  /** Its last call went well: what it needs was at hand, and where that has gone since, the next call says so itself. */
  hasAnswered?: boolean;
  /** What it says of itself, without what Google has said to it. */
  status(): Status;
  /** All that it needs is at hand. Asked of each request, for which the whole status is too much. */
  isReady?(): boolean;
  /** It no longer says of itself what Google once said to it. */
  forget?(): void;
}

/** Whether there is any use in asking: settings and login are there. Google has its say after that. */
export const isFurnished = (place: Place): boolean => {
  if (place.isReady?.() === true) return true;
  const { status: word } = place.status();
  return word === 'healthy' || word === 'starting' || word === 'token_unavailable';
};

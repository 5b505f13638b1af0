import type { Door } from './exchange.ts';
import type { Model } from './models.ts';
import type { Fields } from './values.ts';

/** What the model is asked. */
export interface Question {
  readonly door: Door;
  readonly model: Model;
  /** As `readMessage` left it, and checked. */
  readonly request: Fields;
}

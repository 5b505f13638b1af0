/** A door as `/health` and the page show it. */
import type { Status } from '../../health.ts';
import type { DoorCause } from '../../reasons.ts';
import type { DoorState } from '../cooldown/closing.ts';

export interface DoorReport {
  readonly id: string;
  readonly kind: string;
  readonly label: string | null;
  readonly state: DoorState['state'];
  readonly cause: DoorCause | null;
  /** ISO 8601; null where it is open, or does not open by itself. */
  readonly until: string | null;
  /** Those that are not ok while the door is. */
  readonly models: readonly ModelReport[];
  readonly requests: number;
  readonly errors: number;
}

export interface ModelReport {
  readonly model: string;
  readonly state: DoorState['state'];
  readonly cause: DoorCause | null;
  readonly until: string | null;
}

interface Named {
  readonly id: string;
  readonly kind: string;
  readonly label: string | null | undefined;
  readonly requests: number;
  readonly errors: number;
}

/** `status`: what the door says of itself, which goes before what its calls have shown. */
export const reportOf = (
  { id, kind, label = null, requests, errors }: Named,
  status: Status,
  state: DoorState = { state: 'ok' },
  models: readonly { readonly model: string; readonly state: DoorState }[] = [],
): DoorReport => {
  const cause = CAUSES[status.status];
  const isKnown = cause === undefined || state.state === 'off' || state.state === 'invalid';
  const shown: DoorState = isKnown ? state : { state: 'invalid', cause };
  return {
    ...{ id, kind, label },
    ...stateFields(shown),
    models: models.map(({ model, state: own }) => ({ model, ...stateFields(own) })),
    requests,
    errors,
  };
};

const stateFields = (state: DoorState): Pick<ModelReport, 'state' | 'cause' | 'until'> => ({
  state: state.state,
  cause: 'cause' in state ? state.cause : null,
  until: state.state === 'cooling' ? new Date(state.until).toISOString() : null,
});

/** What is wrong with a door that cannot even be asked. */
export const CAUSES: Readonly<Partial<Record<Status['status'], DoorCause>>> = {
  login_required: 'login',
  credentials_invalid: 'login',
  config_error: 'permission',
  account_ineligible: 'ineligible',
};

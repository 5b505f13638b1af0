import { describe, expect, test } from 'vitest';
import { HTTP_STATUS, RelayError, failed, toRelayError } from '../src/errors.ts';
import { DOOR_CAUSES, REASONS, meaningOf } from '../src/reasons.ts';
import type { Reason } from '../src/reasons.ts';

const NAMES = Object.keys(REASONS) as Reason[];

describe('the table of reasons', () => {
  test.each(NAMES)('%s: an error of it is all that its row says', (reason) => {
    const { code, status, tries, retryable, doorCause } = meaningOf(reason);
    const error = failed(reason, 'Told.');
    expect(error).toMatchObject({ message: 'Told.', reason, code, tries: tries ?? 1 });
    expect(error.status).toBe(status ?? HTTP_STATUS[error.code]);
    expect([error.retryable, error.doorCause]).toEqual([retryable, doorCause]);
  });

  test.each(NAMES.filter((reason) => ['client', 'relay'].includes(meaningOf(reason).fault)))(
    '%s says nothing about a door, and is not tried again',
    (reason) => {
      expect(meaningOf(reason)).not.toHaveProperty('doorCause');
      expect(meaningOf(reason)).not.toHaveProperty('tries');
    },
  );

  test.each(NAMES.filter((reason) => ['owner', 'network'].includes(meaningOf(reason).fault)))(
    '%s is about the door: another may do better',
    (reason) => {
      expect(Object.keys(DOOR_CAUSES)).toContain(meaningOf(reason).doorCause);
    },
  );

  test('what the thrower knows better stands', () => {
    const error = failed('server_error', 'Told.', { tries: 1, status: 502, doorCause: 'capacity', retryable: false });
    expect(error).toMatchObject({ tries: 1, status: 502, doorCause: 'capacity', retryable: false });
    expect(new RelayError('ABORTED', 'Told.')).toMatchObject({ tries: 1, doorCause: undefined, retryable: undefined });
  });

  test("what is no RelayError is the relay's own fault, and no door's", () => {
    const cause = new TypeError('bug');
    expect(toRelayError(cause)).toMatchObject({
      reason: 'internal_error',
      status: 500,
      tries: 1,
      doorCause: undefined,
    });
    expect(toRelayError(cause).cause).toBe(cause);
    expect(meaningOf('internal_error').fault).toBe('relay');
  });
});

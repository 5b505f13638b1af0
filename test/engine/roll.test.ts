import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Roll, type Place } from '../../src/engine/roll.ts';

describe('a roll', () => {
  it('holds who has come and not left, in the order they came', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), member: fc.nat() }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const roll = new Roll<number>();
        const places: Place<number>[] = [];
        const left = new Set<Place<number>>();
        for (const next of steps) {
          if (next.kind === 'enter') {
            places.push(roll.enter(next.member));
          } else {
            // Also those who have left before.
            const place = places[next.which % places.length];
            if (!place) continue;
            roll.leave(place);
            left.add(place);
          }
          const there = places.filter((place) => !left.has(place));
          expect([...roll]).toEqual(there.map(({ member }) => member));
          expect(roll.size).toBe(there.length);
          expect(roll.first).toBe(there[0]);
        }
      }),
    );
  });

  it('tells all who were there, also where each leaves when told', () => {
    const roll = new Roll<string>();
    const places = ['a', 'b', 'c'].map((member) => roll.enter(member));
    const told: string[] = [];
    for (const member of roll) {
      told.push(member);
      for (const place of places) if (place.member !== 'c') roll.leave(place);
    }
    expect(told).toEqual(['a', 'b', 'c']);
    expect([...roll]).toEqual(['c']);
  });

  it('leads from nobody who has left to those who came later', () => {
    const roll = new Roll<string>();
    const [first, second] = [roll.enter('first'), roll.enter('second')];
    roll.leave(first);
    roll.enter('third');
    roll.leave(second);
    for (const place of [first, second]) expect(place).toMatchObject({ before: undefined, after: undefined });
  });
});

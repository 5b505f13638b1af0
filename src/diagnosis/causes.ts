/** One cause is told once: what failed because of something else points to that. */
import type { Check, Finding } from './check.ts';

export const toChecks = (findings: ReadonlyMap<string, Finding>): readonly Check[] =>
  [...findings].map(([id, { status, found, fix, doors }]) => {
    const cause = causeOf(id, findings);
    return cause === undefined || cause === id
      ? { id, status, found, fix, ...(doors && { doors }) }
      : { id, status: 'skip', found: `see ${cause}`, fix: '', cause };
  });

/** The check at the bottom; undefined where all is well, or where it does not apply for no fault of anything. */
const causeOf = (id: string, findings: ReadonlyMap<string, Finding>): string | undefined => {
  const finding = findings.get(id);
  if (finding === undefined || finding.status === 'pass') return undefined;
  for (const needed of finding.restsOn ?? []) {
    const cause = causeOf(needed, findings);
    if (cause !== undefined) return cause;
  }
  return finding.status === 'fail' ? id : undefined;
};

import { badResponse } from '../errors/answers.ts';
import { isObject, isRawNumber, writeJson } from '../json.ts';
import type { FunctionCall } from './types.ts';

/**
 * Vertex can send the arguments of a call piece by piece: `partialArgs` with a path and a value each, `willContinue`
 * while more follow. Nobody can run half a call, so the pieces wait here until it is whole.
 */
export interface PartialCalls {
  /** `undefined`: an ordinary call, complete in itself. */
  take(candidate: number, call: FunctionCall, signature: string | undefined): WholeCall | 'more follows' | undefined;
  keptBytes(): number;
}

export interface WholeCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly argsText: string;
  readonly signature: string | undefined;
}

interface Pending {
  id: string | undefined;
  name: string;
  signature: string | undefined;
  readonly args: Tree;
  keptBytes: number;
}

type Tree = Map<string | number, unknown>;

/** A piece of a call, perhaps the first; an ordinary call is complete in itself. */
export const isPartial = (call: FunctionCall): boolean =>
  call['willContinue'] === true || (Array.isArray(call['partialArgs']) && call['partialArgs'].length > 0);

export const createPartialCalls = (): PartialCalls => {
  const pendings = new Map<number, Pending>();

  return {
    take: (candidate, call, signature) => {
      let pending = pendings.get(candidate);
      if (!pending && !isPartial(call)) return undefined;
      const partial = Array.isArray(call['partialArgs']) ? (call['partialArgs'] as unknown[]) : [];
      const continues = call['willContinue'] === true;
      if (!pending) {
        pending = { id: undefined, name: '', signature: undefined, args: new Map(), keptBytes: 0 };
        pendings.set(candidate, pending);
      }
      pending.id ??= call.id ?? undefined;
      pending.name ||= call.name ?? '';
      pending.signature ??= signature;
      for (const piece of partial) if (isObject(piece)) pending.keptBytes += put(pending.args, piece);
      if (continues) return 'more follows';
      pendings.delete(candidate);
      const { id, name, args } = pending;
      return { id, name, argsText: writeJson(toPlain(args)), signature: pending.signature };
    },
    keptBytes: () => {
      let bytes = 0;
      for (const pending of pendings.values()) bytes += pending.keptBytes;
      return bytes;
    },
  };
};

/** Of a value, and of each place on the way to it. */
const STEP_BYTES = 64;

/** How many bytes stay of it, about. */
const put = (args: Tree, piece: Readonly<Record<string, unknown>>): number => {
  const path = stepsOf(piece['jsonPath']);
  const last = path.pop();
  if (last === undefined) return 0;
  let at = args;
  for (const step of path) {
    const next = at.get(step);
    const inner: Tree = next instanceof Map ? (next as Tree) : new Map<string | number, unknown>();
    at.set(step, inner);
    at = inner;
  }
  const before = at.get(last);
  const value = valueOf(piece);
  // A long text arrives in pieces of its own; each goes behind the one before.
  at.set(last, typeof before === 'string' && typeof value === 'string' ? before + value : value);
  return STEP_BYTES * (path.length + 1) + (typeof value === 'string' ? value.length : 0);
};

const valueOf = (piece: Readonly<Record<string, unknown>>): unknown => {
  const { stringValue, numberValue, boolValue } = piece;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof numberValue === 'number' || isRawNumber(numberValue)) return numberValue;
  if (typeof boolValue === 'boolean') return boolValue;
  return null;
};

/** Deeper than any schema that Google takes; each step has a place of its own in memory. */
const LONGEST_PATH = 1024;

/** `$.a.b[0]['c d']` → a, b, 0, "c d". */
const stepsOf = (path: unknown): (string | number)[] => {
  if (typeof path !== 'string' || path.length > LONGEST_PATH)
    throw badResponse('Google sent a piece of a tool call whose place cannot be read. Try again.');
  const steps: (string | number)[] = [];
  for (const [, name, index, quoted] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[['"](?:([^\]]*)['"]\]|[^\]]*)/g)) {
    const step = name ?? quoted;
    if (index !== undefined) steps.push(Number(index));
    else if (step !== undefined) steps.push(step);
  }
  return steps;
};

const toPlain = (value: unknown): unknown => {
  if (!(value instanceof Map)) return value;
  const tree = value as Tree;
  const keys = [...tree.keys()];
  if (keys.length > 0 && keys.every((key) => typeof key === 'number')) {
    return keys.sort((a, b) => a - b).map((key) => toPlain(tree.get(key)));
  }
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of tree) plain[String(key)] = toPlain(member);
  return plain;
};

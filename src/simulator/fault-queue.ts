import type { Ask, Operation } from './exchange.ts';
import type { RecordedRequest } from './recording.ts';
import type { Reply } from './reply.ts';

/** Stands between a question and its honest answer: gives another one, or changes it on its way out. */
export type Fault = (ask: Ask, honest: () => Promise<Reply>) => Promise<Reply> | Reply;

/** Which requests a fault is for. `generate` is both generating methods, `any` is every request. */
export type Target = Operation | 'generate' | 'any' | ((request: RecordedRequest) => boolean);

export interface FaultQueue {
  /** Each fault for one matching request, in this order, after those queued before. */
  readonly next: (target: Target, ...faults: readonly Fault[]) => void;
  /** For every matching request from now on that no queued fault is for. */
  readonly always: (target: Target, fault: Fault) => void;
  /** Faults queued and not yet played. */
  readonly waiting: () => number;
  readonly clear: () => void;
  readonly take: (request: RecordedRequest) => Fault;
}

export const matches = (target: Target, request: RecordedRequest): boolean => {
  if (typeof target === 'function') return target(request);
  if (target === 'any') return true;
  if (target === 'generate') return request.operation?.toLowerCase().endsWith('generatecontent') ?? false;
  return request.operation === target;
};

const none: Fault = (_ask, honest) => honest();

export const createFaultQueue = (): FaultQueue => {
  let queued: { readonly target: Target; readonly fault: Fault }[] = [];
  let standing: { readonly target: Target; readonly fault: Fault }[] = [];
  return {
    next: (target, ...faults) => {
      queued.push(...faults.map((fault) => ({ target, fault })));
    },
    always: (target, fault) => {
      standing.unshift({ target, fault });
    },
    waiting: () => queued.length,
    clear: () => {
      queued = [];
      standing = [];
    },
    take: (request) => {
      const index = queued.findIndex(({ target }) => matches(target, request));
      const [first] = index < 0 ? [] : queued.splice(index, 1);
      return (first ?? standing.find(({ target }) => matches(target, request)))?.fault ?? none;
    },
  };
};

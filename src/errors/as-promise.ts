import { toRelayError } from '../errors.ts';

/** What is thrown at once rejects, as in an async function, whose frame costs more than all of a short path. */
export const asPromise = <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return work();
  } catch (error) {
    return Promise.reject(toRelayError(error));
  }
};

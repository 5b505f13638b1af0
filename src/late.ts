/**
 * What waits until somebody needs it: loaded by the first who asks, the same for all after. What went wrong is tried again
 * by the next.
 */
export const late = <Result>(load: () => Promise<Result>): (() => Promise<Result>) => {
  let loading: Promise<Result> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
};

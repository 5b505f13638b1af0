import type { ChildProcess } from 'node:child_process';

/** Shows an address in the owner's browser. Rejects where what looks for one cannot be started. */
export const launchBrowser = async (address: string): Promise<ChildProcess> => {
  const { default: open } = await import('open');
  return open(address);
};

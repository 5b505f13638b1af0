import type { ChildProcess } from 'node:child_process';
import type { Logger } from '../log.ts';

/** Never rejects, and waits for no page: a relay on a machine without a browser serves all the same. */
export const showConsole = async (address: string, log: Logger, launch = launchBrowser): Promise<void> => {
  const tell = (): void => {
    log.warn('no browser could be started: open this address yourself', { url: address });
  };
  try {
    const browser = await launch(address);
    // xdg-open looks for a browser itself, and says by its exit that there is none.
    browser.once('exit', (code) => {
      if (code !== 0) tell();
    });
  } catch {
    tell();
  }
};

const launchBrowser = async (address: string): Promise<ChildProcess> => {
  const { default: open } = await import('open');
  return open(address);
};

/** Whether there are Application Default Credentials, for who chooses a door. */
import { findAdc } from './adc.ts';
import type { AdcNeeds } from './adc.ts';
import { ReadFailure } from './file.ts';

const LOOK_AGAIN_MS = 2000;

/** Looked for at the start and whenever the login changes; and again for as long as the system refuses to say. */
export const watchAdc = async (
  needs: Pick<AdcNeeds, 'store' | 'adc' | 'system' | 'log'>,
  tell: (isThere: boolean) => void,
): Promise<void> => {
  const { store, system, log } = needs;
  let isTold = false;
  let looking: Promise<void> | undefined;

  /** Until then nobody asks for them. */
  const isWanted = (): boolean => store.current().kind !== 'oauth';
  const look = async (): Promise<boolean> => {
    try {
      if (isWanted()) tell((await findAdc(needs)) !== undefined);
      return true;
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      if (!isTold) log.warn('the file of Application Default Credentials cannot be read for now', { error });
      isTold = true;
      return false;
    }
  };
  const keepLooking = async (): Promise<void> => {
    do await system.sleep(LOOK_AGAIN_MS);
    while (!(await look()));
    if (isTold) log.info('the file of Application Default Credentials is read again');
    isTold = false;
  };
  const lookNow = async (): Promise<void> => {
    if (await look()) return;
    looking ??= keepLooking().finally(() => {
      looking = undefined;
    });
  };

  await lookNow();
  store.onChange(() => void lookNow());
};

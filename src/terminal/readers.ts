/** A reader that has gone (`| head`) takes nothing along but what it would have read: the rest of the work is done. */
export const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
};

/** What the system calls an error: `ENOENT`. */
export const codeOf = (error: unknown): string => {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? 'unknown error';
};

/** What is wrong with a file that the system refused to read, by what it called that. */
export const whyUnread = (code: string): string =>
  code === 'EACCES' || code === 'EPERM'
    ? `may not be read by the user that runs the relay (${code})`
    : `cannot be read (${code})`;

export interface MemoryLog {
  readonly lines: readonly { readonly level: string; readonly message: string; readonly fields: object | undefined }[];
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
  /** Messages of one level. */
  of(level: string): readonly string[];
}

/** A log that a test can read. */
export const createMemoryLog = (): MemoryLog => {
  const lines: { level: string; message: string; fields: object | undefined }[] = [];
  const at = (level: string) => (message: string, fields?: object) => {
    lines.push({ level, message, fields });
  };
  return {
    lines,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    debug: at('debug'),
    of: (level) => lines.filter((line) => line.level === level).map((line) => line.message),
  };
};

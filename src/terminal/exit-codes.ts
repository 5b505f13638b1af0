/** How commands end. 70 and 78 are those of sysexits.h; 130 is what a shell has for Ctrl-C: 128 and the signal's number. */
export const EXIT = { done: 0, failed: 1, usage: 2, broken: 70, config: 78, interrupted: 130 } as const;

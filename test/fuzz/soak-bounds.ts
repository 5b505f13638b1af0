/** What both kinds of soak are held to. */

export const MIB = 1024 * 1024;
/** Of memory, in one part of the time over the part before. */
export const MOST_GROWTH = 1.15;
/** Of a question, over what it takes alone, and beside what the machine does else. */
export const MOST_LONGER_MS = 1000;

/** Names of models and reasons need no escape, and to ask the engine for it takes longer than to look. */
export const quote = (word: string): string => (PLAIN_WORD.test(word) ? `"${word}"` : JSON.stringify(word));

const PLAIN_WORD = /^[\w./:-]*$/;

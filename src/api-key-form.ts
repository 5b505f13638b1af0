/** What is to be known of API keys by their look. */

/** Where one is made. */
export const AI_STUDIO = 'https://aistudio.google.com/apikey';

/**
 * Looked at only once Google has refused a key: until then it may be as good as any. Its own words are of no use then:
 * they ask for an OAuth token, or call the key misspelt.
 */
export const isRetiredForm = (apiKey: string): boolean => apiKey.startsWith('AIza');

export const RETIRED_FORM = 'it has the old form, which was retired in September 2026';

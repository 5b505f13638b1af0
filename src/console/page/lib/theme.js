import { ofBrowser } from './remember.js';

/** @typedef {'auto' | 'light' | 'dark'} Theme */

const CHOICE = 'relay-theme';

/** @returns {Theme} */
export const chosenTheme = () => {
  const chosen = ofBrowser.get(CHOICE);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
};

/** `auto`: as the system has it. @param {Theme} [theme] */
export const showTheme = (theme = chosenTheme()) => {
  document.documentElement.dataset['theme'] = theme;
  dispatchEvent(new Event('themechange'));
};

/** @param {Theme} theme */
export const keepTheme = (theme) => {
  ofBrowser.set(CHOICE, theme === 'auto' ? undefined : theme);
  showTheme(theme);
};

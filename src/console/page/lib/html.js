import htm from 'htm';
import { h } from 'preact';

/** Markup as a template: no build step, and what is inserted is text, never markup. */
export const html = htm.bind(h);

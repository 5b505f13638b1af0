import { useEffect, useState } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { Button } from './button.js';

const SHOWN_MS = 1600;

/** A foreign frame may not write to the clipboard; the old way works there. @param {string} text */
const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    const host = document.querySelector('dialog[open]') ?? document.body;
    const before = document.activeElement;
    host.append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other where the clipboard is forbidden
    const isDone = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    if (!isDone) throw new Error('not copied');
  }
};

/** @param {{ text: string, label?: string, kind?: 'main' | 'plain' | 'quiet', children?: any }} props `label`: what is copied. */
export const Copy = ({ text, label, kind = 'quiet', children }) => {
  const { t } = useLanguage();
  const { say } = useConsole();
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => {
      setDone(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isDone]);
  const copy = () => {
    copyText(text).then(
      () => {
        setDone(true);
        say(t('copy.done'), 'good');
      },
      () => {
        say(t('copy.failed'), 'bad');
      },
    );
  };
  return html`<${Button}
    kind=${kind}
    icon=${isDone ? 'check' : 'copy'}
    label=${children === undefined ? (label ?? t('copy')) : undefined}
    onClick=${copy}
  >
    ${children}
  <//>`;
};

/**
 * A long table of which only what is in sight is in the document: ten thousand rows cost as much as forty.
 * Rows have one height, so that a place is known without measuring.
 */
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { useWidth } from './width.js';

const BEYOND = 8;
const HEIGHT = 36;
const NARROW_HEIGHT = 60;

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {any} title
 * @property {(row: any) => any} cell
 * @property {'end'} [align]
 * @property {string} [size] A class for its width.
 */

/**
 * @param {{
 *   label: string, columns: readonly Column[], rows: readonly any[], keyOf: (row: any) => string, onOpen?: (row: any) => void,
 *   nameOf?: (row: any) => string, onEnd?: () => void, narrow?: (row: any) => any, handle?: { current: any }, onTop?: (isTop: boolean) => void,
 *   layout: string, short?: boolean,
 * }} props
 *   `narrow`: a row on a narrow page. `onEnd`: the last rows are in sight. `layout`: the class that sets the columns' widths.
 */
export const Rows = ({ label, columns, rows, keyOf, onOpen, nameOf, onEnd, narrow, handle, onTop, layout, short }) => {
  const isNarrow = useWidth() === 'narrow' && narrow !== undefined;
  const height = isNarrow ? NARROW_HEIGHT : HEIGHT;
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [view, setView] = useState({ top: 0, height: 600 });
  const [isWalked, setWalked] = useState(false);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = () => {
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);

  useImperativeHandle(
    handle ?? { current: null },
    () => ({
      toTop: () => {
        if (box.current) box.current.scrollTop = 0;
      },
    }),
    [],
  );

  const first = Math.max(0, Math.floor(view.top / height) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / height) + BEYOND);
  // Who walks along the rows by keyboard reads them: what comes above would push the one in focus out of the document.
  const isTop = view.top < height / 2 && !isWalked;
  useLayoutEffect(() => {
    onTop?.(isTop);
  }, [isTop]);
  const isEnd = last >= rows.length;
  useEffect(() => {
    if (isEnd && rows.length > 0) onEnd?.();
  }, [isEnd, rows.length, onEnd]);

  /** @param {KeyboardEvent} event @param {any} row */
  const onKey = (event, row) => {
    if (event.target !== event.currentTarget) return;
    const at = /** @type {HTMLElement} */ (event.currentTarget);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen?.(row);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = event.key === 'ArrowDown' ? at.nextElementSibling : at.previousElementSibling;
      if (!(next instanceof HTMLElement) || !next.hasAttribute('tabindex')) return;
      event.preventDefault();
      next.focus();
    }
  };

  return html`<div
    class=${`rows ${layout}${short ? ' rows-short' : ''}`}
    role="table"
    aria-label=${label}
    aria-rowcount=${rows.length + 1}
    ref=${box}
    tabindex=${onOpen ? undefined : '0'}
    onFocusIn=${(/** @type {FocusEvent} */ { target }) => {
      setWalked(target instanceof HTMLElement && target.matches('.row:focus-visible'));
    }}
    onFocusOut=${() => {
      setWalked(false);
    }}
  >
    <div class=${isNarrow ? 'unseen' : 'rows-head'} role="row" aria-rowindex="1">
      ${columns.map(
        ({ id, title, align }) =>
          html`<span role="columnheader" key=${id} class=${align === 'end' ? 'end' : undefined}>${title}</span>`,
      )}
    </div>
    <div role="rowgroup">
      <${Spacer} height=${first * height} />
      ${rows.slice(first, last).map((row, index) => {
        const shared = {
          key: keyOf(row),
          class: `row${isNarrow ? ' row-narrow' : ''}${onOpen ? ' row-opens' : ''}`,
          role: 'row',
          'aria-rowindex': first + index + 2,
          ...(onOpen && {
            tabindex: 0,
            'aria-label': nameOf?.(row),
            onClick: () => {
              onOpen(row);
            },
            onKeyDown: (/** @type {KeyboardEvent} */ event) => {
              onKey(event, row);
            },
          }),
        };
        return isNarrow
          ? html`<div ...${shared}><div role="cell" class="row-cell-narrow">${narrow(row)}</div></div>`
          : html`<div ...${shared}>
              ${columns.map(
                ({ id, cell, align }) =>
                  html`<div
                    role="cell"
                    key=${id}
                    class=${align === 'end' ? 'end' : undefined}
                    onMouseEnter=${tellWhole}
                  >
                    ${cell(row)}
                  </div>`,
              )}
            </div>`;
      })}
      <${Spacer} height=${(rows.length - last) * height} />
    </div>
  </div>`;
};

/** Room for rows that are not there; set through the object model, which the page's policy allows. @param {{ height: number }} props */
const Spacer = ({ height }) => html`<div aria-hidden="true" style=${{ height: `${height}px` }} />`;

/** What is cut is told whole when pointed at. @param {MouseEvent} event */
const tellWhole = ({ currentTarget: cell }) => {
  if (cell instanceof HTMLElement) cell.title = cell.scrollWidth > cell.clientWidth ? cell.innerText : '';
};

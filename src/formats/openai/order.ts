import type { ParsedUrlQuery } from 'node:querystring';
import { refusal } from '../../errors/refusal.ts';

/** OpenAI's lists begin with what is newest, unless asked otherwise. */
export const isAscending = ({ order }: ParsedUrlQuery): boolean => {
  if (order !== undefined && order !== 'asc' && order !== 'desc') {
    throw refusal('invalid_value', 'order', "'order' must be asc or desc.");
  }
  return order === 'asc';
};

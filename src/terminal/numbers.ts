/** Numbers as short as a person reads them: 950, 12.3k, 4.56M. */
export const toShort = (count: number): string => {
  let value = count;
  for (const unit of UNITS) {
    // 999,950 is no 1000.0k.
    if (value < (unit === '' ? 1000 : 999.5)) return unit === '' ? String(value) : `${threeDigits(value)}${unit}`;
    value /= 1000;
  }
  return `${Math.round(value)}P`;
};

const UNITS = ['', 'k', 'M', 'G', 'T'];

const threeDigits = (value: number): string => value.toPrecision(3);

/** Cents, of less than a dollar the hundredth of one. */
export const toDollars = (dollars: number): string => {
  if (dollars === 0) return '$0';
  if (dollars < 0.0001) return '<$0.0001';
  return `$${dollars < 1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
};

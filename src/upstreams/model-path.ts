/** A model's place in an address. Names are checked where they come in; encoding is the second lock (S11). */
export const modelPath = (model: string): string => model.split('/').map(encodeURIComponent).join('/');

/** `projects/p/locations/l/publishers/google/models/x` → `x`. */
export const modelIdIn = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** An address as configured, without the slash at its end. */
export const withoutSlash = (endpoint: string): string => endpoint.replace(/(?<!\/)\/+$/, '');

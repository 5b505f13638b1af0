/** Where the console lives. */
export const CONSOLE = '/console';
export const CONSOLE_API = `${CONSOLE}/api`;

export const isOfConsole = (path: string): boolean => path === CONSOLE || path.startsWith(`${CONSOLE}/`);

export const isOfApi = (path: string): boolean => path === CONSOLE_API || path.startsWith(`${CONSOLE_API}/`);

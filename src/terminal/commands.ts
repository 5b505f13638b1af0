/** The commands of the installed package, in the order in which its help lists them. */
export const COMMANDS = {
  serve: { what: 'serve; the same without a command' },
  login: { what: 'log in with Google, once' },
  health: { what: 'what is wrong, and how to fix it' },
  keys: { what: 'client keys and their limits' },
  usage: { what: 'who used what' },
  demo: { what: 'the relay before a simulator of Google: no account needed' },
  completion: { what: 'completion for a shell: bash, zsh, fish or powershell' },
  alive: { what: 'exit 0 while a relay answers here: for health checks of containers' },
} as const;

export type CommandName = keyof typeof COMMANDS;

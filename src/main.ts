// First, so that what follows is found as it was compiled by a start before.
import './program/beginning.cjs';

const main = async (): Promise<void> => {
  const { reportFailure, start } = await import('./program/start.ts');
  await start(process.argv.slice(2)).catch(reportFailure);

  const { keepCompiled } = await import('./engine/compiled.ts');
  keepCompiled();
  const { tuneEngine } = await import('./engine/flags.ts');
  tuneEngine();
};

void main();

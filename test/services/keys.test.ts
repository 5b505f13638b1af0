import { describeKeys } from '../keys/contract.ts';
import { overPostgres } from './over-postgres.ts';

describeKeys('PostgreSQL', overPostgres('keys'));

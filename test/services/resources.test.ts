import { describeResources } from '../upstreams/resources/contract.ts';
import { overPostgres } from './over-postgres.ts';

describeResources('PostgreSQL', overPostgres('resources'));

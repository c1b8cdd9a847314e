// The parts of the scaled-out size, as .ci/services.sh offers them. Each run
// gets a database and indexes of its own and leaves nothing behind.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const { HIENKE_TEST_POSTGRES: postgres, HIENKE_TEST_REDIS: redis, HIENKE_TEST_MEILI: meili, HIENKE_TEST_MEILI_KEY: meiliKey = '' } = process.env;
const required = process.env.HIENKE_TEST_REQUIRE === '1';

/**
 * Says what is missing for the scaled-out size: nothing, or a reason to skip.
 * Where the gate requires the services, a missing PostgreSQL or Redis fails.
 */
export function missing({ search = false } = {}) {
  const absent = [!postgres && 'PostgreSQL (HIENKE_TEST_POSTGRES)', !redis && 'Redis (HIENKE_TEST_REDIS)'].filter(Boolean);
  if (required && absent.length > 0) throw new Error(`required, and not there: ${absent.join(', ')}`);
  if (search && !meili) absent.push('Meilisearch (HIENKE_TEST_MEILI)');
  return absent.length > 0 && `${absent.join(', ')}; try: .ci/services.sh make test-browser`;
}

/** Says so that nobody overlooks it that something was left out. */
export function sayNotRun(what, why) {
  const line = '*'.repeat(78);
  console.log(`${line}\n** NOT RUN: ${what}.\n** Missing: ${why}\n${line}`);
}

/** Whether there is a Meilisearch. */
export const hasMeili = Boolean(meili);

/** Runs one statement in the maintenance database. The password goes by the environment: arguments are there for all to read. */
async function sql(statement) {
  const url = new URL(postgres);
  const settings = {
    PGHOST: url.hostname, PGPORT: url.port || '5432', PGDATABASE: url.pathname.slice(1), PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password), PGSSLMODE: url.searchParams.get('sslmode') ?? 'prefer',
  };
  await promisify(execFile)('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--command', statement], { env: { ...process.env, ...settings } });
}

/**
 * Makes what a run of its own needs. env configures the program; remove takes
 * everything away again. redisNumber is the Redis database, another for each
 * run at the same time.
 */
export async function scaledOut({ redisNumber }) {
  const name = `hienke_e2e_${randomBytes(6).toString('hex')}`;
  await sql(`CREATE DATABASE ${name}`);
  const database = new URL(postgres);
  database.pathname = `/${name}`;
  const queue = new URL(redis);
  queue.pathname = `/${redisNumber}`;
  const env = { HIENKE_DATABASE_URL: database.href, HIENKE_REDIS_URL: queue.href };
  if (meili) Object.assign(env, { HIENKE_MEILI_URL: meili, HIENKE_MEILI_KEY: meiliKey, HIENKE_MEILI_PREFIX: name });
  return {
    env,
    async remove() {
      // FORCE: a service that was killed may have left connections.
      await sql(`DROP DATABASE ${name} WITH (FORCE)`);
      for (const index of meili ? ['public', 'staff'] : []) {
        await fetch(`${meili}/indexes/${name}-${index}`, { method: 'DELETE', headers: { Authorization: `Bearer ${meiliKey}` } });
      }
    },
  };
}

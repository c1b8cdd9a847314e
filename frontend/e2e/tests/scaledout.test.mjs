// The journey of a submission, with every part moved out: PostgreSQL, Redis
// and, where there is one, Meilisearch.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import path from 'node:path';
import { ministry } from '../lib/api.mjs';
import { wholeJourney } from '../lib/journey.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { hasMeili, missing, sayNotRun, scaledOut } from '../lib/services.mjs';
import { world } from '../lib/world.mjs';

/** Stops services and removes what they stood on, and fails after all of it. */
async function stopAll(services, parts) {
  const ended = await Promise.allSettled(services.map((service) => service.stop()));
  await parts.remove();
  for (const { reason } of ended) if (reason) throw reason;
}

/** Starts one process with everything in it, on services of its own. */
async function together(folder) {
  const parts = await scaledOut({ redisNumber: 1 });
  const service = await Service.start({ folder, env: parts.env });
  return {
    url: service.url,
    log: () => service.log(),
    failures: () => service.failures(),
    stop: () => stopAll([service], parts),
  };
}

/** Starts pages and background work apart, with staff made at the command line. */
async function apart(folder) {
  const parts = await scaledOut({ redisNumber: 2 });
  const env = { ...parts.env, HIENKE_KEYS_FILE: path.join(folder, 'keys'), HIENKE_BLOB_URL: `file://${path.join(folder, 'files')}` };
  await command({ args: ['init'], env });
  for (const [role, more] of [['officer', ['--agency', ministry]], ['approver', ['--agency', ministry]], ['coordinator', []]]) {
    await command({ args: ['user', 'add', staff[role], '--name', `${role} e2e`, '--role', role, ...more], env, input: `${password}\n` });
  }
  const [api, worker] = await Promise.all(['api', 'worker'].map((name) => Service.start({ folder, name, args: [name], env })));
  return {
    url: api.url,
    log: () => api.log() + worker.log(),
    failures: () => [...api.failures(), ...worker.failures()],
    stop: () => stopAll([api, worker], parts),
  };
}

/** Tells stories in a world, or says that they are not run. */
function where(absent, what, start, tell) {
  if (absent) {
    sayNotRun(what, absent);
    test(what, { skip: absent }, () => {});
    return;
  }
  describe(what, () => tell(world(start)));
}

where(missing(), 'the journey on PostgreSQL and Redis', together, ({ story }) => {
  story(`a proposal goes from a phone to a public answer on PostgreSQL, Redis and ${hasMeili ? 'Meilisearch' : 'the embedded search'}`, async ({ visit, service }) => {
    await wholeJourney(visit);
    const ready = await (await fetch(`${service.url}/readyz`)).json();
    assert.deepEqual(ready, { database: 'ok', queue: 'ok', search: 'ok', start: 'done' });
  });
});
if (!hasMeili) sayNotRun('the journey on Meilisearch', 'HIENKE_TEST_MEILI; put meilisearch on PATH and try: .ci/services.sh make test-browser');

where(missing({ search: true }), 'the journey with api and worker apart', apart, ({ story }) => {
  story('a proposal goes from a phone to a public answer through an api and a worker process', async ({ visit }) => {
    await wholeJourney(visit);
  });
});

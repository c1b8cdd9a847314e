// The journey of a submission, in the size that one program is by itself.
import { citizenSends, citizenTracks, wholeJourney } from '../lib/journey.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

story('a proposal goes from a phone to a public answer, without scripts', async ({ visit }) => {
  await wholeJourney(visit);
});

story('a citizen who reads English sends and follows a proposal, without scripts', async ({ visit }) => {
  const citizen = await visit({ name: 'citizen', device: 'phone', lang: 'en', scripts: false });
  await citizenTracks(citizen, await citizenSends(citizen, 'en'));
});

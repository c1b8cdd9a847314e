// Passkeys are the browser's own business: this script asks it to make one or
// to prove one, and sends what it answers as a plain form. Without the script,
// and where the browser has no passkeys, the page says so and password and code
// do the same.

export {}; // a module: its names are its own

type Json = Record<string, any>;

const bytes = (text: string): ArrayBuffer => {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out.buffer;
};

const text = (buffer: ArrayBuffer | null): string | undefined => {
  if (!buffer) return undefined;
  let raw = '';
  for (const byte of Array.from(new Uint8Array(buffer))) raw += String.fromCharCode(byte);
  return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

/** Turns the server's JSON into what the browser takes: its bytes are base64url. */
function decoded(options: Json): Json {
  const known = (list: Json[] | undefined): Json[] | undefined => list && list.map((c) => ({ ...c, id: bytes(c['id']) }));
  return {
    ...options,
    challenge: bytes(options['challenge']),
    ...(options['user'] && { user: { ...options['user'], id: bytes(options['user'].id) } }),
    ...(options['allowCredentials'] && { allowCredentials: known(options['allowCredentials']) }),
    ...(options['excludeCredentials'] && { excludeCredentials: known(options['excludeCredentials']) }),
  };
}

/** Writes what the browser answered as WebAuthn writes it in JSON. */
function encoded(credential: PublicKeyCredential): string {
  const response = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : undefined,
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  });
}

for (const area of document.querySelectorAll<HTMLElement>('[data-passkey]')) enhance(area);

function enhance(area: HTMLElement): void {
  const say = (...what: string[]): void => {
    for (const part of area.querySelectorAll<HTMLElement>('[data-say]')) part.hidden = !what.includes(part.dataset['say'] || '');
  };
  if (!window.PublicKeyCredential) return; // the page says so already
  if (location.origin !== area.dataset['origin']) return say('elsewhere');
  say('ready');
  const act = area.dataset['passkey'];
  const form = area.querySelector('form');
  const button = area.querySelector('button');
  const field = area.querySelector<HTMLInputElement>('input[name=credential]');
  if (!act || !form || !button || !field) return;

  async function run(): Promise<void> {
    say('ready', 'waiting');
    try {
      const publicKey = decoded(JSON.parse(area.dataset['options'] || '{}')) as any;
      const made = act === 'create' ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      field!.value = encoded(made as PublicKeyCredential);
      form!.submit();
    } catch (failure) {
      // The device knows the account already, or the person said no.
      say('ready', (failure as Error).name === 'InvalidStateError' ? 'known' : 'failed');
    }
  }

  button.type = 'button';
  button.addEventListener('click', () => void run());
  form.addEventListener('submit', (event) => { // Enter in the name
    event.preventDefault();
    event.stopPropagation();
    void run();
  });
  if ('atOnce' in area.dataset) void run();
}

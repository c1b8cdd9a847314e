export {};

// The worker behind proof.ts: looks for the counter whose hash begins as the
// challenge says.

type Parameters = { nonce: string; salt: string; keyPrefix: string; cost: number };

// After so many tries something is wrong: the server never asks for more.
const MOST = 200_000;

function bytes(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(hex.substr(2 * i, 2), 16);
  return out;
}

function hex(hash: ArrayBuffer): string {
  return Array.from(new Uint8Array(hash), (b) => (b < 16 ? '0' : '') + b.toString(16)).join('');
}

async function solve(p: Parameters): Promise<{ counter: number; derivedKey: string; time: number } | null> {
  const salt = bytes(p.salt);
  const nonce = bytes(p.nonce);
  const tried = new Uint8Array(salt.length + nonce.length + 4);
  tried.set(salt);
  tried.set(nonce, salt.length);
  const counterAt = new DataView(tried.buffer, salt.length + nonce.length);
  const begun = Date.now();
  for (let counter = 0; counter < MOST; counter++) {
    counterAt.setUint32(0, counter);
    let hash = await crypto.subtle.digest('SHA-256', tried);
    for (let i = 1; i < p.cost; i++) hash = await crypto.subtle.digest('SHA-256', hash);
    const derivedKey = hex(hash);
    if (derivedKey.indexOf(p.keyPrefix) === 0) return { counter, derivedKey, time: Date.now() - begun };
  }
  return null;
}

self.onmessage = (event: MessageEvent<{ parameters: Parameters }>) => {
  void solve(event.data.parameters).then((found) => self.postMessage(found));
};

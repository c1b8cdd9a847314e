export {};

// While somebody writes, the browser does a small task that the server set
// (ALTCHA's protocol, version 2), beside the page in a worker. Whether it ends
// in time matters little: what comes without it is received all the same.

type Solution = { counter: number; derivedKey: string; time: number };

const field = document.querySelector<HTMLInputElement>('input[name="altcha"]');

async function prove(into: HTMLInputElement): Promise<void> {
  // Old WebViews have no workers, and crypto is only there on a safe line.
  const solver = into.dataset['solver'];
  if (!solver || !window.Worker || !window.crypto || !window.crypto.subtle) return;
  const response = await fetch('/challenge');
  if (!response.ok) return;
  const challenge: unknown = await response.json();
  const worker = new Worker(solver);
  worker.onmessage = (event: MessageEvent<Solution | null>) => {
    worker.terminate();
    if (event.data) into.value = btoa(JSON.stringify({ challenge, solution: event.data }));
  };
  worker.onerror = () => worker.terminate();
  worker.postMessage(challenge);
}

if (field) void prove(field).catch(() => undefined);

// Waiting for what becomes true elsewhere: in the log of the service, in the
// queue behind a page. Everything in a page is waited for by its locator.
import { setTimeout as pause } from 'node:timers/promises';

// How often to look, in milliseconds: often enough to cost no time, seldom
// enough to leave the two cores to the service.
const interval = 50;

/**
 * Calls look until it returns something true, and returns that. What look
 * throws ends the waiting. After timeout milliseconds it fails, naming what.
 */
export async function until(look, what, timeout = 15_000) {
  const end = performance.now() + timeout;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain until ${what}`);
    await pause(interval);
  }
}

// Whether somebody asked for less data, or has hardly any: nothing is fetched
// that was not asked for.

type Connection = { saveData?: boolean; effectiveType?: string };

export function frugal(): boolean {
  const connection = (navigator as Navigator & { connection?: Connection }).connection;
  return (
    connection?.saveData === true ||
    /2g$/.test(connection?.effectiveType ?? '') ||
    window.matchMedia('(prefers-reduced-data: reduce)').matches
  );
}

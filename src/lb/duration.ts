const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** `500ms`, `2s`, `1.5s`, `1m` in milliseconds; null for everything else, a number without a unit included. */
export const parseDuration = (text: string): number | null => {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?(ms|s|m)$/.exec(text.trim()) ?? [];
  const factor = MILLISECONDS[unit];
  return amount === undefined || factor === undefined ? null : Number(amount) * factor;
};

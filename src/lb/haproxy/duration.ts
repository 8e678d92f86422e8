/** A time as HAProxy reads it. */
export interface Duration {
  readonly milliseconds: number;
  /** Whether its unit is written; without one it is milliseconds. */
  readonly unit: boolean;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["us", 0.001],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** `30s`, `500ms`, `5000`; null for what is no time, such as a variable. */
export const readDuration = (text: string): Duration | null => {
  const [, number, unit] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  if (number === undefined) return null;
  return { milliseconds: Number(number) * (UNITS.get(unit ?? "ms") ?? 1), unit: unit !== undefined };
};

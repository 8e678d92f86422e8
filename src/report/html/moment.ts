import { durationText } from "../recap-text.ts";

/** A moment as people read it: `2026-11-27 14:36:30 UTC`. `time` is milliseconds since the epoch. */
export const momentText = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** Milliseconds since some beginning, with their sign: `+0.042 s`, `-1.500 s`. */
export const offsetText = (milliseconds: number): string =>
  `${milliseconds < 0 ? "-" : "+"}${(Math.abs(milliseconds) / 1000).toFixed(3)} s`;

/** A length of time in milliseconds: `0 ms`, `4.2 ms`, `42 ms`, `4.98 s`, `3 min 07 s`. */
export const lengthText = (milliseconds: number): string => {
  if (milliseconds === 0) return "0 ms";
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 999.5 ? `${Math.round(milliseconds)} ms` : durationText(milliseconds / 1000);
};

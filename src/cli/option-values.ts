import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../lb/duration.ts";
import { parseShard, type Shard } from "./shard.ts";

/** For options that may be given several times: all values in order. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
];

/** For lists given as `a,b` and several times: all parts in order. */
export const collectParts = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
];

/** Counts how often a flag is given (`-vvv`). */
export const count = (_: string, earlier: number): number => earlier + 1;

/** For options that take a whole number from 1. */
export const positive = (value: string): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1) throw new InvalidArgumentError("Expected a whole number from 1.");
  return number;
};

/** An option that was not given is null, as everywhere. */
export const orNull = <T>(value: T | undefined): T | null => value ?? null;

/** For options that take a time with its unit (`500ms`, `2s`): milliseconds. */
export const durationArgument = (value: string): number => {
  const milliseconds = parseDuration(value);
  if (milliseconds === null || milliseconds <= 0)
    throw new InvalidArgumentError("Expected a time with its unit, such as 500ms or 2s.");
  return milliseconds;
};

/** For `--shard i/n`. */
export const shardArgument = (value: string): Shard => {
  const shard = parseShard(value);
  if (shard === null) throw new InvalidArgumentError("Expected a part of all parts, such as 1/4 up to 4/4.");
  return shard;
};

/** `--report FILE`, as all commands have it that write one. */
export const reportOption = (what: string): Option =>
  new Option("--report <file>", `write ${what} to an HTML file, too, for a browser or on paper`);

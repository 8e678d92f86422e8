import type { HostResultEvent } from "../core/event.ts";
import type { Json } from "../core/value.ts";
import { changeLines } from "./change-text.ts";
import { jsonBlock, jsonLine } from "./json-text.ts";
import type { Palette } from "./palette.ts";

/** How results are worded. */
export interface ResultStyle {
  readonly palette: Palette;
  /** How many `-v` were given: from 1 every result is shown as JSON. */
  readonly verbosity: number;
}

/** A result as the lines of Ansible's default output, its diffs below it (Ansible's stand above, which leaves open whose they are). `where` names the task in views that print no headings, or is empty. */
export const resultLines = (
  event: HostResultEvent,
  { palette, verbosity }: ResultStyle,
  where = "",
): readonly string[] => {
  const shown = event.diff ? event.changes.flatMap((view) => changeLines(view, palette)) : [];
  const line = headline(event, where) + detail(event, verbosity);
  return [
    ...line.split("\n").map(paintOf(event, palette)),
    ...shown,
    ...(isFailure(event) ? evidence(event) : []),
    ...(event.hint === null ? [] : [palette.predicted(`  hint: ${event.hint}`)]),
    ...(event.ignored && event.item === null && isFailure(event) ? [palette.skipped("...ignoring")] : []),
  ];
};

/** Whether a result is one that someone has to look at. */
export const isFailure = (event: HostResultEvent): boolean =>
  event.status === "failed" || event.status === "unreachable";

const headline = (event: HostResultEvent, where: string): string => {
  const host = event.delegatedTo === null ? event.host : `${event.host} -> ${event.delegatedTo}`;
  const task = where === "" ? "" : ` ${where}`;
  const item = event.item === null ? "" : ` (item=${event.item})`;
  const arrowItem = event.item === null ? "" : ` =>${item}`;
  switch (event.status) {
    case "ok":
    case "changed":
      return `${event.status}: [${host}]${task}${arrowItem}`;
    case "skipped":
      return `skipping: [${host}]${task}${arrowItem}`;
    case "would-follow":
      return `would follow: [${host}]${task}${arrowItem}`;
    case "failed":
      return event.item === null ? `fatal: [${host}]:${task} FAILED!` : `failed: [${host}]${task}${item}`;
    case "unreachable":
      return `fatal: [${host}]:${task} UNREACHABLE!`;
  }
};

/** What follows the headline on the same line. */
const detail = (event: HostResultEvent, verbosity: number): string => {
  const full = verbosity > 0 && event.result !== null;
  const spoken = speech(event, verbosity);
  switch (event.status) {
    case "failed":
    case "unreachable":
      return ` => ${event.msg ?? "no message"}${full ? `\n${jsonBlock(event.result)}` : ""}`;
    case "would-follow":
      return event.msg === null ? "" : ` (${event.msg})`;
    case "skipped":
      return full ? ` => ${jsonLine(event.result)}` : "";
    case "ok":
    case "changed":
      return spoken === null ? (full ? ` => ${jsonLine(event.result)}` : "") : ` => ${spoken}`;
  }
};

/** What a module says whose whole purpose is its output (debug, assert); null for all others. */
export const speech = (event: HostResultEvent, verbosity: number): string | null =>
  (event.status === "ok" || event.status === "changed") && speaks(event)
    ? jsonBlock(spokenPart(event, verbosity))
    : null;

const speaks = (event: HostResultEvent): boolean =>
  /^(ansible\.builtin\.)?(debug|assert)$/.test(event.task.module) && event.result !== null;

/** Bookkeeping that `debug` does not show unless asked. */
const BOOKKEEPING = new Set([
  "changed",
  "failed",
  "skipped",
  "ansible_loop_var",
  "ansible_index_var",
  "ansible_loop",
  "item",
]);

const spokenPart = (event: HostResultEvent, verbosity: number): Json => {
  const { result } = event;
  if (verbosity > 1 || result === null || typeof result !== "object" || Array.isArray(result)) return result;
  const module = event.task.module.replace(/^ansible\.builtin\./, "");
  const kept = Object.entries(result).filter(
    ([key]) => !BOOKKEEPING.has(key) || (module === "assert" && key === "changed"),
  );
  return Object.fromEntries(kept);
};

/** What a failed command said, unless the message holds it already. */
export const evidence = (event: HostResultEvent): readonly string[] => {
  const { result } = event;
  if (result === null || typeof result !== "object" || Array.isArray(result)) return [];
  const members: Readonly<Record<string, unknown>> = { ...result };
  return ["cmd", "rc", "stdout", "stderr"].flatMap((name) => {
    const value = members[name];
    if (value === undefined || value === null || value === "") return [];
    const text = Array.isArray(value) ? value.join(" ") : String(value).trimEnd();
    if (text === "" || event.msg?.includes(text) === true) return [];
    return indented(name, text);
  });
};

const indented = (name: string, text: string): readonly string[] => {
  const [first = "", ...rest] = text.split("\n");
  const margin = " ".repeat(name.length + 2);
  return [`    ${name}: ${first}`, ...rest.map((line) => `    ${margin}${line}`)];
};

const paintOf = (event: HostResultEvent, palette: Palette): ((text: string) => string) => {
  switch (event.status) {
    case "ok":
      return palette.ok;
    case "changed":
      return palette.changed;
    case "skipped":
      return palette.skipped;
    case "would-follow":
      return palette.predicted;
    case "failed":
    case "unreachable":
      return palette.failed;
  }
};

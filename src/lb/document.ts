import type { Fault } from "./fault.ts";
import { atLeast, parseVersion, type Version, versionText } from "./version.ts";

/** One line of a file, with the place in the model that asked for it. */
export interface Line {
  readonly depth: number;
  readonly text: string;
  readonly path: Fault["path"];
  /** `wanted` by the user, or `offered`: our own addition, left out where the daemon does not know it. */
  readonly origin: "wanted" | "offered";
}

/** A directive that not every version knows. */
export interface Span {
  /** Matched against a line without its indent. */
  readonly pattern: RegExp;
  /** The first version that knows it. */
  readonly since?: Version;
  /** The first version that no longer knows it, and what to write instead. */
  readonly until?: Version;
  readonly instead?: string;
}

/** A rendered file, or why it cannot be one for this version. */
export type Rendered =
  | { readonly kind: "rendered"; readonly text: string }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

/** The daemon that will read a file. */
export interface Target {
  /** As people write it: `HAProxy`. */
  readonly name: string;
  readonly version: Version;
}

/**
 * The first line of a file: whoever edits it by hand is told, and the version tells what it was rendered for, as exactly
 * as the daemon's keywords depend on it (`2.6`, `2.2.7`).
 */
export const markerLine = (module: string, daemon: string, version: string): Line => ({
  depth: 0,
  text: `# Managed by lbplay (${module}) for ${daemon} ${version}; edits are overwritten.`,
  path: [],
  origin: "wanted",
});

/** The version of the daemon that a file was rendered for; null where lbplay did not write it. */
export const markedVersion = (text: string): Version | null => {
  const found = /^# Managed by lbplay \(\w+\) for \w+ (\d+(?:\.\d+)+); /.exec(text);
  return found?.[1] === undefined ? null : parseVersion(found[1]);
};

/** The file of these lines for a daemon: every line, typed or raw, is looked up in the table of what its version knows. */
export const renderDocument = (lines: readonly Line[], target: Target, spans: readonly Span[]): Rendered => {
  const faults: Fault[] = [];
  const kept = lines.filter((line) => {
    const problems = misfits(line.text, target, spans);
    if (line.origin === "wanted")
      faults.push(...problems.map((message) => ({ code: "E_LB_VERSION", path: line.path, message })));
    return problems.length === 0;
  });
  if (faults.length > 0) return { kind: "refused", faults };
  return { kind: "rendered", text: kept.map(lineText).join("") };
};

const lineText = ({ depth, text }: Line): string => (text === "" ? "\n" : `${"    ".repeat(depth)}${text}\n`);

const misfits = (text: string, target: Target, spans: readonly Span[]): readonly string[] =>
  spans.flatMap((span) => {
    const found = span.pattern.exec(text);
    const problem = found === null ? null : misfit((found[1] ?? found[0]).trim(), target, span);
    return problem === null ? [] : [problem];
  });

/** Why a version does not know what a span is about, shown as it is written; null where it does. */
export const misfit = (shown: string, target: Target, { since, until, instead }: Span): string | null => {
  const here = `the node has ${target.name} ${target.version.join(".")}`;
  if (since !== undefined && !atLeast(target.version, since)) {
    return `"${shown}" came with ${target.name} ${versionText(since)}, ${here}`;
  }
  if (until !== undefined && atLeast(target.version, until)) {
    const advice = instead === undefined ? "" : `; use ${instead}`;
    return `"${shown}" is gone since ${target.name} ${versionText(until)}, ${here}${advice}`;
  }
  return null;
};

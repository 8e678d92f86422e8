import type { PlannedChange } from "../../core/roll.ts";

/** A package that would be installed or replaced. */
export interface PlannedPackage {
  /** In words. */
  readonly versions: string;
  readonly rpm: boolean;
  /** It is there, in another version. */
  readonly replaces: boolean;
}

/** What is planned of a package, whatever way its version is written: `haproxy`, `haproxy=2.6.12-1`, `haproxy-1.5.18-9.el7`. */
export const packagesOf = (changes: readonly PlannedChange[], name: string): readonly PlannedPackage[] =>
  changes.flatMap(({ view: { field, before, after }, task }) =>
    new RegExp(`^package ${name}(?:[=-]\\d.*)?$`).test(field)
      ? [
          {
            versions: `${before ?? "none"} to ${after ?? "none"}`,
            rpm: /(?:^|\.)(?:dnf|yum)$/.test(task.module) || /\.(?:el|fc|amzn)\d/.test(after ?? ""),
            replaces: before !== null,
          },
        ]
      : [],
  );

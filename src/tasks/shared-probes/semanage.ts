import type { ReadResult } from "../../core/probe.ts";

/** The first lines of a read that asks semanage; without it the read ends with 127. */
export const SEMANAGE: readonly string[] = [
  "PATH=$PATH:/usr/sbin:/sbin",
  "command -v semanage >/dev/null 2>&1 || exit 127",
];

/** Why semanage gave no answer, with its package; null where it gave one. */
export const semanageFault = ({ code, stderr }: ReadResult): string | null => {
  if (code === 0) return null;
  if (code === 127)
    return "there is no semanage (package policycoreutils-python-utils, before release 8 policycoreutils-python)";
  return stderr.toString("utf8").trim() || `semanage ends with ${code}`;
};

/** What lbplay's exit codes mean. */
export const EXIT = {
  ok: 0,
  /** A task failed. */
  failed: 1,
  /** A mistake in the command line, the inventory or a playbook; no node was touched. */
  mistake: 2,
  unreachable: 3,
  /** With --exit-code: check mode found changes; drift found some. */
  changes: 4,
  /** An error in lbplay itself (EX_SOFTWARE of sysexits.h), so that it is never taken for a failed task. */
  bug: 70,
  /** Stopped by Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

/** What of a run decides its exit code. */
interface RunEnd {
  readonly failed: boolean;
  readonly unreachable: boolean;
  readonly changed: boolean;
}

/** The exit code of a run: a failed task outweighs a node that was not reached, and both outweigh changes. */
export const exitCodeOf = (
  { failed, unreachable, changed }: RunEnd,
  { check, exitCode }: { readonly check: boolean; readonly exitCode: boolean },
): number => {
  if (failed) return EXIT.failed;
  if (unreachable) return EXIT.unreachable;
  return changed && check && exitCode ? EXIT.changes : EXIT.ok;
};

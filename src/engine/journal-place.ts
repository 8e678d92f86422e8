/**
 * Where a node keeps the journal of a run that can be gone back from, as `$lbp_j`. Unlike the lock and the owed handlers,
 * which a boot makes pointless, it must outlive one: a node that was reset in the middle of a change comes up with what
 * is on disk, and that is half of one state and half of another. So it is not in /run. LBPLAY_STATE_DIR moves both.
 */
export const JOURNAL_DIRECTORY = `lbp_j="\${LBPLAY_STATE_DIR:-/var/lib/lbplay}/journal"`;

import { quote } from "../../core/shell.ts";

/** Shell text: where the engine keeps what a node has to remember, as root (engine/node-state.ts). */
export const STATE_DIRECTORY = `state=\${LBPLAY_STATE_DIR:-/run/lbplay}`;

/**
 * Shell text that writes down why a node takes no addresses: an operator's maintenance, or a switchover after which it
 * would take them back. Gone after a boot, as the drain file is.
 */
export const markOut = (cause: "maintenance" | "switchover", words: string): string =>
  `${STATE_DIRECTORY}\nmkdir -p -m 0700 "$state" && printf '%s %s %s\\n' ${cause} "$(date +%s)" ${quote(words)} >"$state/out"`;

/** Shell text that forgets it. */
export const UNMARK = `${STATE_DIRECTORY}\nrm -f "$state/out"`;

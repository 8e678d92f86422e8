import { quote } from "./shell.ts";

/**
 * Where a node keeps a task that was left running, as a word of a shell that the engine has met: a directory with its
 * script, its process (`pid`), what it printed (`stdout`, `stderr`) and, once it is through, its exit code (`code`).
 */
export const jobDirectory = (jid: string): string => `"$lbp_d"/jobs/${quote(jid)}`;

import { REDACTED } from "../../core/secret.ts";
import type { DriftNode } from "./node.ts";

/** Lines that are each node's own by their nature. */
const INDIVIDUAL =
  /^(state (MASTER|BACKUP)|priority \d+|router_id \S+|lvs_id \S+|node \S+|description .*|localpeer \S+|notification_email_from \S+|smtp_helo_name \S+)$/i;

/** Whether a line is meant to differ between the nodes of a pair. */
export const individual = (line: string): boolean => INDIVIDUAL.test(line);

/**
 * A line with a node's own names and addresses, and those of its peers, told as such: `unicast_peer 192.0.2.12` is the
 * same as the other node's `unicast_peer 192.0.2.11`. Virtual addresses stay.
 */
export const plainText = (line: string, own: DriftNode, all: readonly DriftNode[]): string => {
  const peers = all.filter((node) => node !== own);
  const words = new Map([
    ...peers.flatMap((peer) => wordsOf(peer, all).map((word): [string, string] => [word, "<peer>"])),
    ...wordsOf(own, all).map((word): [string, string] => [word, "<own>"]),
  ]);
  return line.replace(/[\p{L}\p{N}_.:-]+/gu, (text) => words.get(text) ?? withPort(text, words));
};

/** `192.0.2.11:1024`, and `:1024` alone stays. */
const withPort = (text: string, words: ReadonlyMap<string, string>): string => {
  const [, host = "", port = ""] = /^(.+?)(:\d+)$/.exec(text) ?? [];
  const word = words.get(host);
  return word === undefined ? text : `${word}${port}`;
};

const wordsOf = (node: DriftNode, all: readonly DriftNode[]): readonly string[] => {
  const virtual = new Set(
    all.flatMap(({ keepalived }) =>
      (keepalived?.instances ?? []).flatMap(({ virtualAddresses }) =>
        virtualAddresses.map(({ address }) => address),
      ),
    ),
  );
  const addresses = (node.facts.addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !virtual.has(address) && !/^(127\.|::1$)/.test(address));
  return [node.name, ...(node.facts.hostname === null ? [] : [node.facts.hostname]), ...addresses];
};

/** Keywords whose next word is a secret. */
const SECRETS =
  /\b(auth_pass|auth_hmac|insecure-password|password|stats auth|auth|secret|tune\.ssl\.\S*key|key)\s+\S.*$/i;

/** A line without what is secret in it. */
export const hidden = (line: string): string => line.replace(SECRETS, `$1 ${REDACTED}`);

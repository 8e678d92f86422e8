import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ReadResult } from "../../../../src/core/probe.ts";
import { liveProbe } from "../../../../src/lb/live/live.ts";
import type { LiveState } from "../../../../src/lb/live/state.ts";

/** What a script answered on a real node, recorded. */
export const answer = (text: string | Buffer): ReadResult => ({
  code: 0,
  stdout: Buffer.from(text),
  stderr: Buffer.alloc(0),
});

/** The recorded answers of a node (Debian 12, HAProxy 2.6.12, keepalived 2.2.7; the site of inventory/lab), as they came. */
export const recordedText = (node: "owner" | "standby", part: "node" | "keepalived" | "haproxy"): string =>
  readFileSync(fileURLToPath(new URL(`./recorded/${node}/${part}.txt`, import.meta.url)), "latin1");

/** A recorded node as it is understood. */
export const recorded = (node: "owner" | "standby"): LiveState =>
  liveProbe.parse(
    (["node", "keepalived", "haproxy"] as const).map((part) =>
      answer(Buffer.from(recordedText(node, part), "latin1")),
    ),
  );

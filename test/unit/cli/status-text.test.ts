import { expect, test } from "vitest";
import { statusJson } from "../../../src/cli/status-json.ts";
import { ageText, statusText } from "../../../src/cli/status-text.ts";
import type { LiveNode } from "../../../src/lb/live/node.ts";
import { pairHealth } from "../../../src/lb/live/pair-health.ts";
import { createPalette } from "../../../src/report/palette.ts";
import { dead, instance, node } from "../lb/live/nodes.ts";

const plain = createPalette(false);

const seen = (...nodes: readonly LiveNode[]) => ({ name: "lb", nodes, health: pairHealth(nodes) });

/** Ages change with the recording. */
const steady = (text: string): string => text.replaceAll(/\d+ (s|min|h) ago/g, "AGE ago");

test("A pair that is well is a line and a table.", () => {
  expect(steady(statusText(seen(node("lb1"), node("lb2")), plain))).toBe(
    `lb: healthy; lb1 has 10.104.56.100, lb2 would take over
  NODE  HAS            VRRP        KEEPALIVED     HAPROXY         CONFIG  SERVERS  CERT   LAST RUN
  lb1   10.104.56.100  MASTER 254  2.2.7, 11 min  2.6.12, 11 min  loaded  2/2 up   364 d  AGE ago by root@vm pid 23379 playbooks/site.yaml
  lb2   -              BACKUP 253  2.2.7, 11 min  2.6.12, 11 min  loaded  2/2 up   364 d  AGE ago by root@vm pid 23379 playbooks/site.yaml
`,
  );
});

test("What is wrong stands below, with what to do; a node that was not reached has no other column.", () => {
  const out = { cause: "maintenance", since: Date.UTC(2026, 10, 27, 14), words: "ann: memory" } as const;
  const kept = node("lb2", {
    keepalived: { instances: instance("FAULT", 253) },
    haproxy: { failedReloads: 1, stats: { kind: "silent", reason: "no socket" } },
    state: { out },
  });
  const text = statusText(seen(dead("lb1"), kept), plain);
  expect(text).toContain("lb: not healthy; 10.104.56.100: nobody\n");
  expect(text).toMatch(/^ {2}lb1 {3}not reached$/m);
  expect(text).toMatch(/^ {2}lb2 .* FAULT 253 \(maintenance\) .* reload failed {2}unknown /m);
  expect(text).toContain("problem: lb1: not reached: timeout\n  see that it runs");
  expect(text).toContain("problem: lb2: in maintenance since 2026-11-27 14:00 UTC: ann: memory\n");
});

test("JSON has all of it, and no content of any file.", () => {
  const json = statusJson(seen(node("lb1"), dead("lb2"))) as Record<string, unknown>;
  expect(json).toMatchObject({
    pair: "lb",
    healthy: false,
    owner: "lb1",
    standby: null,
    addresses: [{ address: "10.104.56.100", owners: ["lb1"] }],
    nodes: [
      {
        name: "lb1",
        reached: true,
        has: ["10.104.56.100"],
        keepalived: {
          states_by: "json",
          instances: [{ name: "VI_1", state: "MASTER", effective_priority: 254 }],
        },
        haproxy: { servers: [{ server: "app/web1", health: "up" }, { server: "app/web2" }] },
      },
      { name: "lb2", reached: false, reason: "timeout" },
    ],
  });
  expect(JSON.stringify(json)).not.toContain("virtual_router_id");
});

test.each([
  [42, "42 s"],
  [600, "10 min"],
  [7200, "2 h"],
  [10 * 86_400, "10 d"],
])("%i seconds are %s.", (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});

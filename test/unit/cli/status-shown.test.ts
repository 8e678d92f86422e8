import { expect, test } from "vitest";
import { shownStatus } from "../../../src/cli/status-shown.ts";
import { pairHealth } from "../../../src/lb/live/pair-health.ts";
import { pageText } from "../../../src/report/html/page.ts";
import { statusPage } from "../../../src/report/html/status-page.ts";
import { dead, instance, node } from "../lb/live/nodes.ts";
import { all, parsed, rowsOf, textOf } from "../report/html/parsed.ts";

const out = { cause: "maintenance", since: Date.UTC(2026, 10, 27, 14), words: "ann: memory" } as const;
const nodes = [
  node("lb1"),
  node("lb2", { keepalived: { instances: instance("FAULT", 253) }, state: { out } }),
  dead("lb3"),
];
const html = pageText(statusPage([shownStatus({ name: "lb", nodes, health: pairHealth(nodes) })]), {
  version: "0.1.0",
  time: 0,
  redact: (text) => text,
});

test("A page has the table of the terminal, each problem with what to do, and what each node says of itself.", () => {
  const page = parsed(html);
  expect(
    rowsOf(page, "Nodes of lb").map(({ Node, Has, VRRP, Servers }) => [Node, Has, VRRP, Servers]),
  ).toEqual([
    ["lb1", "10.104.56.100", "MASTER 254", "2/2 up"],
    ["lb2", "-", "FAULT 253 (maintenance)", "2/2 up"],
    ["lb3", "✗not reached", "", ""],
  ]);
  expect(textOf(page)).toContain("✗problem lb2: in maintenance since 2026-11-27 14:00 UTC: ann: memory");
  const [servers] = all(page, ({ attributes }) => attributes.get("aria-label") === "Servers of lb1");
  expect(servers === undefined ? "" : textOf(servers)).toContain("app/web1✓UP");
  expect(rowsOf(page, "VRRP instances of lb2")).toMatchObject([
    { Instance: "VI_1", State: "✗FAULT", Effective: "253" },
  ]);
});

test("No content of any file is in it.", () => {
  expect(html).not.toContain("virtual_router_id");
  expect(html).not.toContain("auth_pass");
});

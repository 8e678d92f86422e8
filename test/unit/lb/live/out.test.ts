import { expect, test } from "vitest";
import { planOut, rejoinScript } from "../../../../src/lb/live/out.ts";
import { findServer, hasPart, serverScript } from "../../../../src/lb/live/server-state.ts";
import { node } from "./nodes.ts";
import { recorded } from "./recorded.ts";

const conf = (tracker: string, use: string): string =>
  `${tracker}\nvrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress { 10.104.56.100 }\n ${use}\n}`;

test("A node is kept out by its drain file, as FAULT whatever the weight; else its keepalived is stopped.", () => {
  const own = planOut(node("lb1"), "ann: memory");
  expect(own.path).toBe("/run/keepalived-drain");
  expect(own.script).toContain("echo 1 >/run/keepalived-drain");
  expect(own.script).toContain("'ann: memory'");
  const weighted = conf("track_file drain { file /run/drain\n weight -100 }", "track_file { drain }");
  expect(planOut(node("lb1", { config: weighted }), "x").script).toContain("echo 3 >/run/drain");
  const plain = planOut(node("lb1", { config: conf("", "") }), "x");
  expect([plain.path, plain.script.includes("systemctl stop keepalived")]).toEqual([null, true]);
});

test("It takes part again with every drain file empty and keepalived started.", () => {
  const script = rejoinScript(node("lb1"));
  expect(script).toContain('rm -f "$state/out"');
  expect(script).toContain("echo 0 >/run/keepalived-drain");
  expect(script).toContain("systemctl start keepalived");
});

test("A server's part is changed by the words that its HAProxy knows.", () => {
  const { haproxy } = recorded("owner");
  expect(serverScript(haproxy, "app/web1", "drain")).toContain("'set server app/web1 state drain'");
  const old = { ...haproxy, stats: { ...haproxy.stats, version: "1.5.18" } } as typeof haproxy;
  expect(serverScript(old, "app/web1", "drain")).toMatch(
    /'enable server app\/web1'[\s\S]*'set weight app\/web1 0%'/,
  );
  expect(serverScript({ ...haproxy, socket: null }, "app/web1", "drain")).toBeNull();
});

test("Whether a server has its part is seen by what HAProxy says of it.", () => {
  const server = findServer(recorded("owner").haproxy, "app/web1");
  if (server === null) throw new Error("recorded");
  expect([
    hasPart(server, "ready"),
    hasPart(server, "drain"),
    hasPart({ ...server, health: "drain" }, "drain"),
  ]).toEqual([true, false, true]);
  expect(hasPart({ ...server, health: "down" }, "ready")).toBe(true);
  expect(findServer(recorded("owner").haproxy, "app/web9")).toBeNull();
});

import { expect, test } from "vitest";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { NO_SETTINGS } from "../../../../src/lb/pair/settings.ts";
import { takersOf } from "../../../../src/lb/roll/takers.ts";

const node = (name: string, priority: number, more = "") => ({
  name,
  haproxy: null,
  keepalived: keepalivedConfig(
    [
      {
        path: "/etc/keepalived/keepalived.conf",
        text: `vrrp_instance VI_1 {\n  state BACKUP\n  interface eth0\n  virtual_router_id 51\n  priority ${priority}\n  ${more}\n  virtual_ipaddress {\n    192.0.2.10/24\n  }\n}\n`,
      },
    ],
    name,
  ),
  facts: null,
});

const takers = (one: readonly [number, string?], two: readonly [number, string?], owner: string) =>
  takersOf(
    { name: "lb", nodes: [node("lb1", ...one), node("lb2", ...two)], settings: NO_SETTINGS },
    new Map([[owner, ["192.0.2.10"]]]),
  );

test("the node of higher priority takes the addresses where it preempts, and they are not its own", () => {
  expect(takers([150], [100], "lb2")).toEqual(["lb1"]);
  expect(takers([150], [100], "lb1")).toEqual([]);
  expect(takers([100], [150, "nopreempt"], "lb1")).toEqual([]);
  expect(takers([150, "nopreempt"], [100], "lb2")).toEqual([]);
  expect(takers([100], [100], "lb2")).toEqual([]);
  expect(takers([150], [100], "nobody")).toEqual([]);
});

import { expect, test } from "vitest";
import { planSwitch } from "../../../src/cli/switch-plan.ts";
import { outageText, planText } from "../../../src/cli/switch-text.ts";
import { addresses, dead, instance, node } from "../lb/live/nodes.ts";

test("The standby that is fit is next, and the sentence says how, at what price, and when it is taken back.", () => {
  const plan = planSwitch([node("lb1"), node("lb2")], null);
  if (plan.kind !== "move") throw new Error(plan.kind);
  expect([plan.from.name, plan.to.name, plan.joining]).toEqual(["lb1", "lb2", false]);
  expect(planText(plan.handover)).toBe(
    "10.104.56.100 from lb1 to lb2: /run/keepalived-drain on lb1 says that it is out; nobody has it for about 1.2 ms, and it is taken back after 1.0 s",
  );
});

test("Who has the addresses already has nothing to get.", () => {
  expect(planSwitch([node("lb1"), node("lb2")], "lb1")).toEqual({ kind: "there", to: "lb1" });
});

test("A node that a switchover or a drain file kept out may come back; one in maintenance may not.", () => {
  const drained = {
    keepalived: { instances: instance("FAULT", 253), tracked: new Map([["/run/keepalived-drain", "1"]]) },
  };
  expect(planSwitch([node("lb1"), node("lb2", drained)], null)).toMatchObject({
    kind: "move",
    joining: true,
  });
  const out = (cause: "maintenance" | "switchover") => ({
    ...drained,
    state: { out: { cause, since: 0, words: "ann" } },
  });
  expect(planSwitch([node("lb1"), node("lb2", out("switchover"))], null)).toMatchObject({
    kind: "move",
    joining: true,
  });
  expect(planSwitch([node("lb1"), node("lb2", out("maintenance"))], null)).toEqual({
    kind: "refused",
    reasons: ["lb2 is not fit to take over: in maintenance since 1970-01-01 00:00 UTC: ann"],
  });
});

test.each([
  [
    "a standby that was not reached",
    [node("lb1"), dead("lb2")],
    /lb2 is not fit to take over: it was not reached/,
  ],
  [
    "two owners",
    [
      node("lb1"),
      node("lb2", {
        state: { addresses: addresses("lb2", true) },
        keepalived: { instances: instance("MASTER", 253) },
      }),
    ],
    /10\.104\.56\.100 is on lb1 and lb2/,
  ],
  [
    "no owner",
    [node("lb1", { state: { addresses: addresses("lb1", false) } }), node("lb2")],
    /is on no node/,
  ],
  [
    "a standby without HAProxy",
    [node("lb1"), node("lb2", { haproxy: { mainPid: null } })],
    /HAProxy does not run/,
  ],
] as const)("%s is refused.", (_, nodes, reason) => {
  const plan = planSwitch(nodes, null);
  expect(plan.kind === "refused" && plan.reasons.join()).toMatch(reason);
});

test("A node that is no node of the pair is a mistake, with those that are.", () => {
  expect(() => planSwitch([node("lb1"), node("lb2")], "lb3")).toThrow(/lb3 is no node of this pair/);
});

test("What a client saw is one line.", () => {
  const outage = {
    requests: 431,
    failed: 3,
    longestGapMs: 41.4,
    gapFrom: 0,
    latencyMs: null,
    errors: { ECONNRESET: 3 },
    windows: [],
  };
  expect(outageText(outage)).toBe(
    "431 requests, 3 failed (3 ECONNRESET); longest time without an answer 41 ms",
  );
});

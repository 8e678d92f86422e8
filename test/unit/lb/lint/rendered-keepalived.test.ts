import { expect, test } from "vitest";
import type { KeepalivedModel } from "../../../../src/lb/keepalived/model.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { renderKeepalived } from "../../../../src/lb/keepalived/render.ts";
import { ordinaryFacts } from "../../../../src/lb/lint/ordinary-facts.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";
import type { PairNode } from "../../../../src/lb/pair/pair.ts";
import { NO_SETTINGS } from "../../../../src/lb/pair/settings.ts";
import { schema } from "../../../../src/tasks/keepalived-config/schema.ts";
import { modelOf, type RenderCase, renderCases } from "../render-case.ts";

// What lbplay renders for all nodes of a pair, on ordinary nodes: the rules of keepalived have nothing to say of it.

/** What the user of a case asked for himself, or has not given in it. */
const ASKED_FOR: Readonly<Record<string, readonly string[]>> = {
  "preferred.yml": ["X33"],
  "tracked-by-killall.yml": ["K24"],
  "tracked-by-pgrep.yml": ["K24"],
  "tracked-by-pidof.yml": ["K24"],
};

const LINKS = ["eth0", "eth1", "bond0"].map((name) => ({ name, flags: ["UP", "MULTICAST"], mtu: 1500 }));

const nodesOf = ({ model, version }: RenderCase): readonly PairNode[] => {
  const { nodes } = modelOf<KeepalivedModel>(schema, model);
  return nodes.map(({ name, address, interface: dev }, index): PairNode => {
    const own = modelOf<KeepalivedModel>(schema, { ...(model as object), node: name });
    const rendered = renderKeepalived(own, { version, interface: "eth0", tool: null });
    if (rendered.kind !== "rendered") throw new Error(`${name}: ${JSON.stringify(rendered.faults)}`);
    const facts = ordinaryFacts(index + 1);
    const family = address.includes(":") ? "ipv6" : "ipv4";
    return {
      name,
      haproxy: null,
      keepalived: keepalivedConfig([{ path: `${name}/keepalived.conf`, text: rendered.text }]),
      facts: {
        ...facts,
        keepalived: { version, text: "" },
        links: LINKS,
        addresses: [
          ...(facts.addresses ?? []).filter((entry) => entry.family !== family),
          { address, prefix: family === "ipv4" ? 24 : 64, dev: dev ?? "eth0", family },
        ],
      },
    };
  });
};

const rendered = renderCases("keepalived").filter(({ file }) => file !== null);

test.each(rendered)("$name", (given) => {
  const pair = { name: "pair", nodes: nodesOf(given), settings: NO_SETTINGS };
  const findings = rules
    .filter(({ id }) => /^(K|X[0123])/.test(id))
    .flatMap((rule) => rule.check(pair, { now: 0 }).map(({ message }) => `${rule.id} ${message}`));
  const asked = ASKED_FOR[given.name] ?? [];
  expect(findings.filter((finding) => !asked.includes(finding.split(" ")[0] ?? ""))).toEqual([]);
});

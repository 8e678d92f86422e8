import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { ordinaryFacts } from "../../../../src/lb/lint/ordinary-facts.ts";
import type { Pair } from "../../../../src/lb/pair/pair.ts";
import { NO_SETTINGS } from "../../../../src/lb/pair/settings.ts";
import type { Version } from "../../../../src/lb/version.ts";

/** A pair (or more) as the tests of elections describe it: everything but the priorities is the same on all nodes. */
export interface VrrpPair {
  readonly priorities: readonly number[];
  readonly version?: 2 | 3;
  /** Seconds. */
  readonly advert?: number;
  /** Blocks before the instance, and further lines of it. */
  readonly before?: string;
  readonly lines?: readonly string[];
  readonly keepalived?: Version;
  readonly address?: string;
}

/** Nodes lb1, lb2, … of one instance VI_1. */
export const vrrpPair = ({
  priorities,
  version = 3,
  advert = 0.1,
  before = "",
  lines = [],
  keepalived = [2, 2, 7],
  address = "192.0.2.100/32",
}: VrrpPair): Pair => ({
  name: "pair",
  settings: NO_SETTINGS,
  nodes: priorities.map((priority, index) => {
    const text = `
      global_defs {
        vrrp_version ${version}
      }
      ${before}
      vrrp_instance VI_1 {
        state BACKUP
        interface eth0
        virtual_router_id 77
        priority ${priority}
        advert_int ${advert}
        virtual_ipaddress {
          ${address}
        }
        ${lines.join("\n")}
      }`;
    return {
      name: `lb${index + 1}`,
      haproxy: null,
      keepalived: keepalivedConfig([{ path: `lb${index + 1}/keepalived.conf`, text }]),
      facts: { ...ordinaryFacts(index + 1), keepalived: { version: keepalived, text: "" } },
    };
  }),
});

/** A script that looks for haproxy, by weight and timing, and the lines that use it. */
export const script = (
  weight: number,
  interval: number,
  fall: number,
): Pick<VrrpPair, "before" | "lines"> => ({
  before: `vrrp_script chk_haproxy {
    script "/usr/bin/killall -0 haproxy"
    interval ${interval}
    fall ${fall}
    weight ${weight}
  }`,
  lines: ["track_script {", "chk_haproxy", "}"],
});

/** Files that tell of haproxy and that an operator drains by, with one weight. */
export const files = (weight: number): Pick<VrrpPair, "before" | "lines"> => ({
  before: ["haproxy", "drain"]
    .map((name) => `track_file ${name} {\nfile /run/${name}\nweight ${weight}\n}`)
    .join("\n"),
  lines: ["track_file {", "haproxy", "drain", "}"],
});

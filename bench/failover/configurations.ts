import { ROOT, step } from "../../src/build/step.ts";
import { LOAD_BALANCERS, output, type Pair } from "./pair.ts";

/** A way to configure the pair. HAProxy, the web servers and the client are the same in all of them. */
export interface Configuration {
  readonly name: string;
  /** The node that takes the address back when it is well; null: whoever has it keeps it. */
  readonly prefers: string | null;
  /** For how long after a fault the client counts, in milliseconds. */
  readonly countedMs: number;
  /** Names of the faults to measure; null: all. */
  readonly faults: readonly string[] | null;
  readonly apply: (pair: Pair, inventoryFile: string) => Promise<void>;
}

/** What the walkthroughs have in common, in keepalived's words: the numbers are theirs. */
const walkthroughFile = (vip: string, node: string): string => `vrrp_script chk_haproxy {
    script "/usr/bin/killall -0 haproxy"
    interval 2
    weight 2
}
vrrp_instance VI_1 {
    state ${node === "lb1" ? "MASTER" : "BACKUP"}
    interface host0
    virtual_router_id 51
    priority ${node === "lb1" ? 101 : 100}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 4711
    }
    virtual_ipaddress {
        ${vip} dev host0
    }
    track_interface {
        host0
    }
    track_script {
        chk_haproxy
    }
}
`;

const FILE = "/etc/keepalived/keepalived.conf";

const walkthrough = async (pair: Pair): Promise<void> => {
  for (const node of LOAD_BALANCERS) {
    const write = `cat > ${FILE} <<'END'\n${walkthroughFile(pair.vip, node)}END`;
    await output(pair, node, `systemctl stop keepalived && ${write}`);
  }
  for (const node of LOAD_BALANCERS) await output(pair, node, "systemctl start keepalived");
};

/** The site as its roles make it, with an interval between adverts in seconds. */
const byLbplay =
  (advertInt: number): Configuration["apply"] =>
  async (pair, inventoryFile) => {
    // Two identities that meet on one network would be a third pair.
    for (const node of LOAD_BALANCERS) await output(pair, node, "systemctl stop keepalived || true");
    const words = [
      ...[process.execPath, `${ROOT}dist/lbplay.js`, "run", "playbooks/site.yaml"],
      ...["-i", "inventory/lab", "-i", inventoryFile, "-e", `keepalived_advert_int=${advertInt}`],
      ...["--output", "plain"],
    ];
    const { code, output: said } = await step(words, { output: "keep" });
    if (code !== 0) throw new Error(`the run ended with ${code}:\n${said}`);
  };

/** The site as its variables' defaults have it. */
export const byDefault: Configuration = {
  name: "lbplay, 0.2 s",
  prefers: null,
  countedMs: 3_000,
  faults: null,
  apply: byLbplay(0.2),
};

/** What is compared, in the order of the tables' columns; ratios are those of the first to the others. */
export const CONFIGURATIONS: readonly Configuration[] = [
  { name: "walkthroughs", prefers: "lb1", countedMs: 8_000, faults: null, apply: walkthrough },
  byDefault,
  {
    name: "lbplay, 0.1 s",
    prefers: null,
    countedMs: 3_000,
    // The rest does not depend on adverts.
    faults: ["cable pulled", "power cut", "node frozen"],
    apply: byLbplay(0.1),
  },
];

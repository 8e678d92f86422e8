import type { Schema } from "../../core/schema.ts";
import { filled, integer, lines, list, mapping, name, word } from "../schema-parts.ts";

const ADDRESS = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$";

const address = (description: string): Schema => word(description, { pattern: ADDRESS });

const network = (description: string): Schema => word(description, { pattern: "^[^\\s/]{1,15}$" });

const node = mapping(
  "A node of the pair.",
  {
    name: name("Its name in the inventory."),
    address: address("Its own IP address, from which it speaks VRRP. Not a host name."),
    interface: network("Its interface; the one that has the address if left out."),
    priority: integer("Rank, higher first; 254 for the first node, 253 for the second if left out.", {
      minimum: 1,
      maximum: 254,
    }),
  },
  ["name", "address"],
);

const virtualIp = mapping(
  "A virtual address.",
  {
    address: address("The address."),
    prefix: integer(
      "Network mask; /32 or /128 if left out, which is right unless the address is the only one of its network.",
      {
        minimum: 1,
        maximum: 128,
      },
    ),
    interface: network("Where to put it; the instance's interface if left out."),
    label: word("Label as in eth0:vip, for tools that only know labels.", { pattern: "^[^\\s]{1,15}$" }),
  },
  ["address"],
);

const instance = mapping(
  "A group of addresses that move together.",
  {
    name: name("Its name in logs."),
    virtual_router_id: integer("1 to 255; nobody else on the same network may use it.", {
      minimum: 1,
      maximum: 255,
    }),
    virtual_ips: { ...list("The addresses, all of one family, at most 20.", virtualIp), minItems: 1 },
    excluded_ips: list("Further addresses that move along: of the other family, or beyond 20.", virtualIp),
    interface: network("Interface on all nodes; each node's own if left out."),
    prefers: name("Node that should own these addresses, if not the first one; profile preferred only."),
    track_interfaces: {
      ...lines(
        "Further interfaces without which a node is not fit, e.g. eth1, or eth1 weight -50. The instance's own is always watched.",
      ),
      items: { type: "string", pattern: "^[^\\s/]{1,15}( weight -?[0-9]{1,3})?$" },
    },
    raw: lines("Further lines of this block, as they shall stand."),
  },
  ["name", "virtual_router_id", "virtual_ips"],
);

const script = mapping(
  "A check of your own.",
  {
    name: name("Its name."),
    script: word("Absolute path and arguments; exit code 0 is healthy.", { pattern: '^/[^"\\n]*$' }),
    interval: { type: "number", minimum: 0.1, default: 2, description: "Seconds between runs." },
    timeout: { type: "number", minimum: 0.1, description: "Seconds until a run counts as failed." },
    fall: integer("Failures in a row until the node is not fit.", { minimum: 1, default: 2 }),
    rise: integer("Successes in a row until it is again.", { minimum: 1, default: 2 }),
    weight: integer("What a failure takes from the priority; 0 gives the addresses away at once.", {
      minimum: -253,
      maximum: 253,
    }),
    user: word("User to run as; script_user if left out.", { pattern: "^[a-z_][a-z0-9_-]*$" }),
  },
  ["name", "script"],
);

const weight = (description: string): Schema => integer(description, { minimum: -253, maximum: 253 });

const trackFile = mapping(
  "A file with a number in it: 0 is healthy.",
  {
    name: name("Its name."),
    file: word("The file.", { pattern: '^/[^\\s"]+$' }),
    initial: integer("Number to start with where there is no such file.", { default: 0 }),
    weight: weight(
      "What its number is multiplied with and added to the priority; 0: any number but 0 is a failure.",
    ),
  },
  ["name", "file"],
);

const trackProcess = mapping(
  "A process that must run. Needs the kernel's process events, which containers lack.",
  {
    name: name("Its name."),
    process: word("Name of the process.", { pattern: "^[^\\s]+$" }),
    quorum: integer("How many of them; 1 if left out.", { minimum: 1 }),
    delay: { type: "number", minimum: 0, description: "Seconds to wait whether it comes back." },
    weight: weight("What a failure takes from the priority; 0 gives the addresses away at once."),
  },
  ["name", "process"],
);

const seconds = (description: string): Schema => ({ type: "number", minimum: 0, description });

const garp = mapping(
  "How the owner makes itself known to switches and routers (gratuitous ARP); keepalived's own values if left out.",
  {
    master_delay: integer("Seconds after the takeover until the second announcement.", { minimum: 0 }),
    master_repeat: integer("How often each announcement is repeated.", { minimum: 1 }),
    refresh_repeat: integer("The same for the announcements of garp_master_refresh.", { minimum: 1 }),
    lower_prio_delay: integer("Seconds until the second one after an advert of lower priority.", {
      minimum: 0,
    }),
    lower_prio_repeat: integer("How often that is repeated.", { minimum: 0 }),
    interval: seconds("Seconds between single packets."),
    gna_interval: seconds("The same for IPv6."),
  },
);

/** The properties of a pair, for the module's schema and for validation. */
export const keepalivedProperties: Readonly<Record<string, Schema>> = {
  node: name("Which of the nodes this is; inventory_hostname as a rule."),
  nodes: { ...list("The nodes in order of preference.", node), minItems: 1 },
  profile: word(
    "sticky: whoever has the addresses keeps them until it fails (one interruption per incident). preferred: the first node takes them back when it is well again (two).",
    { enum: ["sticky", "preferred"], default: "sticky" },
  ),
  preempt_delay: {
    type: "number",
    minimum: 0,
    maximum: 1000,
    default: 0,
    description:
      "Seconds that a preferred node waits before it takes the addresses back. With it a failure always means FAULT, because the delay would hold up a failover by mere priority too.",
  },
  transport: word("unicast: the nodes talk to each other's address; multicast: to 224.0.0.18 or ff02::12.", {
    enum: ["unicast", "multicast"],
    default: "unicast",
  }),
  vrrp_version: integer("3, or 2 to speak with old routers.", { enum: [2, 3], default: 3 }),
  advert_int: {
    type: "number",
    minimum: 0.01,
    maximum: 40.95,
    description:
      "Seconds between adverts; three missing ones are a dead node. 0.2 if left out (1 in version 2).",
  },
  instances: { ...list("The groups of addresses.", instance), minItems: 1 },
  sync_groups: list(
    "Instances that must be on the same node.",
    mapping("A group.", { name: name("Its name."), instances: lines("Names of its instances.") }, [
      "name",
      "instances",
    ]),
  ),
  tracking: filled(
    mapping("How keepalived learns that haproxy does not work.", {
      by: word(
        "auto: from a file that systemd writes the moment haproxy starts or ends (keepalived 2.0 and later), by looking into it each interval before that. file, script: one of the two. process: the kernel's process events. http: ask url, which also notices a haproxy that hangs. killall, pidof, pgrep: whether there is such a process; old workers of before a reload count too. none: not at all.",
        {
          enum: ["auto", "file", "script", "process", "http", "killall", "pidof", "pgrep", "none"],
          default: "auto",
        },
      ),
      file: word("That file: 0 is healthy.", { pattern: '^/[^\\s"]+$', default: "/run/haproxy-health" }),
      url: word("What http asks for: the role haproxy's health address.", {
        pattern: '^https?://[^\\s"]+$',
        default: "http://127.0.0.1:8404/healthz",
      }),
      interval: {
        type: "number",
        minimum: 0.1,
        default: 1,
        description: "Seconds between looks of polled ways.",
      },
      fall: integer("Failures in a row until haproxy counts as down.", { minimum: 1, default: 1 }),
      rise: integer("Successes in a row until it counts as up again.", { minimum: 1, default: 2 }),
      drain_file: word(
        "A 1 in it gives the addresses away, until it is emptied; an empty text for no such file.",
        {
          pattern: '^(/[^\\s"]+)?$',
          default: "/run/keepalived-drain",
        },
      ),
    }),
  ),
  scripts: list("Further checks.", script),
  track_files: list("Further files to watch, which whoever writes them decides by.", trackFile),
  track_processes: list("Further processes to watch.", trackProcess),
  authentication: mapping(
    "VRRP version 2 only. It travels in clear text and protects from mistakes, not from attackers.",
    {
      kind: word("pass or ah.", { enum: ["pass", "ah"], default: "pass" }),
      password: word("At most 8 characters; keepalived cuts the rest off.", {
        "x-secret": true,
        minLength: 1,
        pattern: '^[^\\s"]+$',
      }),
    },
    ["password"],
  ),
  notify: mapping("Scripts to run when this node's state changes, absolute path and arguments.", {
    master: word("It has the addresses.", { pattern: "^/" }),
    backup: word("It stands by.", { pattern: "^/" }),
    fault: word("It is not fit.", { pattern: "^/" }),
    stop: word("keepalived ends.", { pattern: "^/" }),
    any: word("Each time; it is told kind, name, state and priority.", { pattern: "^/" }),
  }),
  mail: mapping(
    "Mail on each change of state.",
    {
      to: { ...lines("Receivers."), minItems: 1 },
      from: word("Sender.", { pattern: "^[^\\s]+$" }),
      smtp_server: word("Server, with or without port.", {
        pattern: "^[^\\s]+( [0-9]+)?$",
        default: "127.0.0.1",
      }),
      smtp_connect_timeout: integer("Seconds.", { minimum: 1, default: 30 }),
      helo_name: word("What to call ourselves; the host name if left out.", { pattern: "^[^\\s]+$" }),
    },
    ["to", "from"],
  ),
  script_user: word("User that scripts run as.", { pattern: "^[a-z_][a-z0-9_-]*$", default: "root" }),
  startup_delay: integer(
    "Seconds to wait after a start before taking part, for links to come up. Only in the profile sticky: a node of a preferred pair that waited would never take its address back.",
    {
      minimum: 0,
      default: 5,
    },
  ),
  garp_master_refresh: integer("Seconds after which the owner announces its addresses again; 0 for never.", {
    minimum: 0,
    default: 60,
  }),
  garp,
  realtime_priority: integer(
    "Real-time priority of the VRRP process, so that a busy node does not miss its adverts; before keepalived 2.0, which knows none, it gets the most that an ordinary process can have. Leave it out in containers.",
    { minimum: 1, maximum: 99 },
  ),
  global_raw: lines("Further lines of global_defs, as they shall stand."),
  raw: lines("Further lines at the end of the file, as they shall stand."),
};

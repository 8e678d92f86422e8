import { findStatement, settingOf } from "../../keepalived/statements.ts";
import { advertMs } from "../../vrrp/timers.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import { eachInstance, type NodeInstance, onNode, placeOf, says } from "./keepalived-parts.ts";

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

const password = (text: string): readonly string[] =>
  exampleBlock("authentication", ["auth_type PASS", `auth_pass ${text}`]);

/** What the two versions of VRRP do with intervals and passwords, and what strict mode forbids. */
export const keepalivedProtocolRules: readonly Rule[] = [
  {
    id: "K13",
    severity: "error",
    title:
      "advert_int is one that its version of VRRP can keep: whole seconds in 2, hundredths up to 40.95 in 3.",
    why: "keepalived rounds it: with 0.1 in VRRP 2 what was meant to fail over in 0.4 s takes 3.6 s.",
    source: 'measured with keepalived 2.2.7 ("must be an integer. rounding")',
    fix: "Set vrrp_version 3 on all nodes, or an interval that the version has.",
    bad: pairOf(exampleConf({ lines: ["advert_int 0.1"] })),
    good: pairOf(exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.1"] })),
    check: (pair) => eachInstance(pair, roundedInterval),
  },
  {
    id: "K14",
    severity: "warning",
    title: "VRRP 3 has no authentication block.",
    why: "keepalived ignores it, so nothing is protected, and reports an error for the whole file.",
    source:
      'measured with keepalived 2.2.7 ("does not support authentication. Ignoring"); RFC 5798, section 9',
    fix: "Take the block out; protect adverts by unicast_peer and a firewall, or by auth_hmac since 2.4.",
    bad: pairOf(exampleConf({ globals: ["vrrp_version 3"], lines: password("f7Kq2xWz") })),
    good: pairOf(exampleConf({ globals: ["vrrp_version 3"] })),
    check: (pair) =>
      eachInstance(pair, ({ node, instance }) =>
        instance.version === 3 && instance.authentication !== null
          ? [
              onNode(
                { node },
                instance.authentication.at,
                `${instance.name} speaks VRRP 3, which has no authentication`,
              ),
            ]
          : [],
      ),
  },
  {
    id: "K15",
    severity: "warning",
    title: "auth_pass has no more than 8 characters.",
    why: "keepalived cuts the rest off: passwords that only differ behind the eighth character are the same.",
    source: 'measured with keepalived 2.2.7 ("Truncating auth_pass to 8 characters")',
    fix: "Choose a password of 8 characters, or none: it travels in clear text.",
    bad: pairOf(exampleConf({ lines: password("f7Kq2xWzRt") })),
    good: pairOf(exampleConf({ lines: password("f7Kq2xWz") })),
    check: (pair) =>
      eachInstance(pair, ({ node, instance: { name, authentication } }) => {
        const length = Buffer.byteLength(authentication?.pass?.text ?? "");
        return authentication === null ||
          length <= LONGEST_PASSWORD ||
          authentication.pass?.text.includes("$") === true
          ? []
          : [
              onNode(
                { node },
                authentication.at,
                `auth_pass of ${name} has ${length} characters: only the first ${LONGEST_PASSWORD} count`,
              ),
            ];
      }),
  },
  {
    id: "K16",
    severity: "warning",
    title: "auth_pass is none that tutorials use.",
    why: "Everybody on the network can guess it and take the addresses.",
    source: "keepalived's own samples and public tutorials",
    fix: "Choose a random password of 8 characters and keep it in a vault.",
    bad: pairOf(exampleConf({ lines: password("1111") })),
    good: pairOf(exampleConf({ lines: password("f7Kq2xWz") })),
    check: (pair) =>
      eachInstance(pair, ({ node, instance: { name, authentication } }) =>
        authentication !== null && PUBLIC_PASSWORDS.has((authentication.pass?.text ?? "").toLowerCase())
          ? [onNode({ node }, authentication.at, `auth_pass of ${name} is one that everybody knows`)]
          : [],
      ),
  },
  {
    id: "K17",
    severity: "error",
    title: "Strict mode is off where it would make the virtual address unreachable.",
    why: "Strict mode sets no_accept: keepalived's firewall drops all packets for the addresses that it holds.",
    source: "keepalived.conf(5): vrrp_strict; keepalived's source, vrrp.c of 2.2.7",
    fix: "Take vrrp_strict (or strict_mode) out.",
    bad: pairOf(exampleConf({ globals: ["vrrp_strict"] })),
    good: pairOf(exampleConf()),
    check: (pair) => eachInstance(pair, strict),
  },
  {
    id: "K30",
    severity: "warning",
    title: "The instance's own interface is tracked.",
    why: "With dont_track_primary a node whose link is lost stays master, and two nodes are when the link comes back.",
    source: "keepalived.conf(5): dont_track_primary",
    fix: "Take dont_track_primary out.",
    bad: pairOf(exampleConf({ lines: ["dont_track_primary"] })),
    good: pairOf(exampleConf()),
    check: (pair) =>
      eachInstance(pair, ({ node, instance }) => {
        const at = placeOf(instance.statements, "dont_track_primary");
        return at === null
          ? []
          : [
              onNode(
                { node },
                at,
                `${instance.name} stays master when ${instance.interface?.text ?? "its interface"} loses its link`,
              ),
            ];
      }),
  },
  {
    id: "K36",
    severity: "warning",
    title: "A master that advertises more often than each 0.1 s runs in real time.",
    why: "A busy node that is a fraction of a second late loses the addresses, although nothing has failed.",
    source: "keepalived issues 2066 and 2289; keepalived.conf(5): vrrp_rt_priority, vrrp_no_swap",
    fix: "Set vrrp_rt_priority 50 and vrrp_no_swap in global_defs, or advertise each 0.1 s or less often.",
    bad: pairOf(exampleConf({ globals: ["vrrp_version 3"], lines: ["advert_int 0.05"] })),
    good: pairOf(
      exampleConf({
        globals: ["vrrp_version 3", "vrrp_rt_priority 50", "vrrp_no_swap"],
        lines: ["advert_int 0.05"],
      }),
    ),
    check: (pair) =>
      eachInstance(pair, ({ node, config, instance }) => {
        const urgent = URGENT.some((keyword) => says(config.globals, keyword));
        return urgent || advertMs(instance) >= QUICK_MS
          ? []
          : [
              onNode(
                { node },
                instance.advertInt.at,
                `${instance.name} advertises each ${advertMs(instance)} ms, and keepalived has no real-time priority`,
              ),
            ];
      }),
  },
];

const roundedInterval = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const { seconds, at } = instance.advertInt;
  const taken = advertMs(instance);
  // Numbers of a file are decimal, those of a machine are not.
  if (Math.abs(seconds * 1000 - taken) < 1e-6) return [];
  const slight = Math.abs(seconds * 1000 - taken) < taken / 10;
  return [
    onNode(
      { node },
      at,
      `advert_int ${seconds} of ${instance.name} becomes ${taken / 1000} s in VRRP ${instance.version}: the others notice a loss after ${(instance.downTimerAdverts * taken) / 1000} s at the earliest`,
      slight ? { severity: "warning" } : {},
    ),
  ];
};

const LONGEST_PASSWORD = 8;
const QUICK_MS = 100;
const URGENT: readonly string[] = ["vrrp_rt_priority", "max_auto_priority", "vrrp_priority"];

const PUBLIC_PASSWORDS: ReadonlySet<string> = new Set([
  "1111",
  "1234",
  "12345",
  "123456",
  "12345678",
  "57924680",
  "changeme",
  "keepalived",
  "pass",
  "password",
  "secret",
  "test",
]);

/** Whether strict mode is on for an instance: its own strict_mode goes before vrrp_strict. */
const strict = ({ node, config, instance }: NodeInstance): readonly Finding[] => {
  const own = findStatement(instance.statements, "strict_mode");
  const value = own?.words[1]?.text.toLowerCase();
  const on =
    own === null ? says(config.globals, "vrrp_strict") : !["off", "false", "no"].includes(value ?? "on");
  if (!on || instance.priority.value === 255) return [];
  const at = own?.words[0]?.at ?? placeOf(config.globals, "vrrp_strict");
  const accepts = instance.version === 3 && says(instance.statements, "accept");
  const lost = [
    ...(instance.unicastPeers.length > 0 ? ["unicast_peer"] : []),
    ...(instance.authentication === null ? [] : ["authentication"]),
    ...(instance.preemptDelay > 0 ? ["preempt_delay"] : []),
    ...(settingOf(instance.statements, "down_timer_adverts") === null ? [] : ["down_timer_adverts"]),
  ];
  const forbids = lost.length === 0 ? "" : `, and forbids ${lost.join(", ")}`;
  if (!accepts) {
    return [
      onNode(
        { node },
        at,
        `strict mode makes the addresses of ${instance.name} unreachable (no_accept)${forbids}`,
      ),
    ];
  }
  return lost.length === 0
    ? []
    : [onNode({ node }, at, `strict mode forbids ${lost.join(", ")} in ${instance.name}`)];
};

import { findStatement, settingOf } from "../../keepalived/statements.ts";
import type { FileFact } from "../../pair/facts.ts";
import { atLeast } from "../../version.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf } from "./keepalived-example.ts";
import {
  eachInstance,
  eachKeepalived,
  everyStatement,
  type KeepalivedNode,
  type NodeInstance,
  onNode,
  placeOf,
  says,
} from "./keepalived-parts.ts";

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

const fileOf = (mode: number, text: string | null = null): FileFact => ({
  kind: "file",
  mode,
  owner: "root",
  group: "root",
  digest: null,
  text,
});

const unit = (properties: readonly (readonly [string, string])[]) => ({
  lb1: { units: new Map([["keepalived.service", new Map(properties)]]) },
});

const mails = [...exampleBlock("notification_email", ["ops@example.com"]), "smtp_server 127.0.0.1"];

const CONF = "/etc/keepalived/keepalived.conf";
const CONFIG_OPTIONS = "/etc/keepalived/keepalived.config-opts";

const secret = exampleConf({
  lines: exampleBlock("authentication", ["auth_type PASS", "auth_pass f7Kq2xWz"]),
});

/** The daemon as a service: its mails, its unit, its files, the machine that it runs on. */
export const keepalivedServiceRules: readonly Rule[] = [
  {
    id: "K31",
    severity: "warning",
    title:
      "Mails that are switched on have a server and a receiver, and those that are set up are switched on.",
    why: "keepalived sends nothing without smtp_alert, and reports an error for alerts that have nowhere to go.",
    source: "keepalived.conf(5): smtp_alert, smtp_alert_vrrp, smtp_server",
    fix: "Write notification_email, smtp_server and smtp_alert together, or none of them.",
    bad: pairOf(exampleConf({ globals: ["smtp_alert"] })),
    good: pairOf(exampleConf({ globals: [...mails, "smtp_alert"] })),
    check: (pair) => eachKeepalived(pair, mailFindings),
  },
  {
    id: "K32",
    severity: "info",
    title: "A new master announces its addresses.",
    why: "Without announcements switches and routers send to the old master until they forget it.",
    source: "keepalived.conf(5): garp_master_repeat",
    fix: "Leave garp_master_repeat at 5, or use vrrp_min_garp.",
    bad: pairOf(exampleConf({ globals: ["vrrp_garp_master_repeat 0"] })),
    good: pairOf(exampleConf({ globals: ["vrrp_garp_master_refresh 60"] })),
    check: (pair) =>
      eachInstance(pair, ({ node, config, instance }) => {
        const word =
          settingOf(instance.statements, "garp_master_repeat") ??
          settingOf(config.globals, "vrrp_garp_master_repeat");
        return word?.text === "0"
          ? [onNode({ node }, word.at, `a new master does not announce the addresses of ${instance.name}`)]
          : [];
      }),
  },
  {
    id: "K37",
    severity: "warning",
    title: "systemd starts keepalived again when it was killed.",
    why: "A killed keepalived leaves its addresses on the node, where nobody looks after them, beside the new master's.",
    source: "measured with keepalived 2.2.7; unit file of Debian's package, which has no Restart",
    fix: "Add a drop-in with Restart=on-failure to keepalived.service.",
    bad: { ...pairOf(exampleConf()), facts: unit([["Restart", "no"]]) },
    good: { ...pairOf(exampleConf()), facts: unit([["Restart", "on-failure"]]) },
    check: (pair) =>
      eachKeepalived(pair, ({ node }) =>
        node.facts?.units?.get("keepalived.service")?.get("Restart") === "no"
          ? [
              onNode(
                { node },
                null,
                `keepalived.service has Restart=no: a killed keepalived stays dead and its addresses stay up`,
              ),
            ]
          : [],
      ),
  },
  {
    id: "K38",
    severity: "warning",
    title: "keepalived starts when the network is up, or waits.",
    why: "A node whose link comes up late hears nobody and becomes master for a moment at each boot.",
    source: "keepalived.conf(5): vrrp_startup_delay; systemd.special(7): network-online.target",
    fix: "Let the unit start after network-online.target, or set vrrp_startup_delay.",
    bad: { ...pairOf(exampleConf()), facts: unit([["After", "basic.target sysinit.target"]]) },
    good: {
      ...pairOf(exampleConf()),
      facts: unit([["After", "network-online.target syslog.target basic.target"]]),
    },
    check: (pair) =>
      eachKeepalived(pair, ({ node, config }) => {
        const after = node.facts?.units?.get("keepalived.service")?.get("After");
        const waits = ["vrrp_startup_delay", "vrrp_delay_after_boot"].some((keyword) =>
          says(config.globals, keyword),
        );
        return after === undefined || after.includes("network-online.target") || waits
          ? []
          : [onNode({ node }, null, `keepalived.service does not wait for network-online.target`)];
      }),
  },
  {
    id: "K39",
    severity: "error",
    title: "The file keepalived.config-opts of Debian's package is there.",
    why: "A keepalived that was built reproducibly does not start without it: it exits at the next restart.",
    source: "keepalived's source, main.c of 2.3.3; Debian's package of 2.3.3",
    fix: "Install the package again (apt-get install --reinstall keepalived), and never empty /etc/keepalived.",
    bad: {
      ...pairOf(exampleConf()),
      facts: {
        lb1: {
          os: { id: "debian", version: "13", family: "debian" },
          keepalived: { version: [2, 3, 3], text: "Keepalived v2.3.3 (03/30,2025)" },
          files: new Map([[CONFIG_OPTIONS, null]]),
        },
      },
    },
    good: pairOf(exampleConf()),
    check: (pair) =>
      eachKeepalived(pair, ({ node }) => {
        const { os, keepalived, files, units } = node.facts ?? {};
        // One that was built on the node is elsewhere, and needs no such file.
        const packaged = units?.get("keepalived.service")?.get("ExecStart")?.includes("/usr/sbin/keepalived");
        const recent = keepalived != null && atLeast(keepalived.version, [2, 3, 3]);
        const wanted = os?.id === "debian" && recent && packaged === true;
        return wanted && files?.get(CONFIG_OPTIONS) === null
          ? [onNode({ node }, null, `there is no ${CONFIG_OPTIONS}: keepalived will not start again`)]
          : [];
      }),
  },
  {
    id: "K40",
    severity: "error",
    title: "keepalived gives its addresses up when it stops.",
    why: "With --dont-release-vrrp they stay on a node whose keepalived is stopped, beside the new master's.",
    source: "keepalived(8): --dont-release-vrrp",
    fix: "Take -V (--dont-release-vrrp) out of the daemon's arguments.",
    bad: {
      ...pairOf(exampleConf()),
      facts: {
        lb1: {
          files: new Map([["/etc/default/keepalived", fileOf(0o644, 'DAEMON_ARGS="--dont-release-vrrp"\n')]]),
        },
      },
    },
    good: {
      ...pairOf(exampleConf()),
      facts: { lb1: { files: new Map([["/etc/default/keepalived", fileOf(0o644, 'DAEMON_ARGS="-D"\n')]]) } },
    },
    check: (pair) => eachKeepalived(pair, keepsAddresses),
  },
  {
    id: "K41",
    severity: "warning",
    title: "A keepalived.conf with a password is readable for root only.",
    why: "Who knows the password can take the addresses.",
    source: "keepalived.conf(5): authentication, auth_hmac",
    fix: "Set its mode to 0600.",
    bad: { ...pairOf(secret), facts: { lb1: { files: new Map([[CONF, fileOf(0o644)]]) } } },
    good: { ...pairOf(secret), facts: { lb1: { files: new Map([[CONF, fileOf(0o600)]]) } } },
    check: (pair) => eachKeepalived(pair, openSecrets),
  },
  {
    id: "K44",
    severity: "warning",
    title: "A virtual machine that uses virtual MAC addresses may send from them.",
    why: "Most hypervisors drop packets from another MAC address than the machine's own: nobody hears the adverts.",
    source: "keepalived's NOTE_vrrp_vmac.txt; forged transmits of VMware, port security of OpenStack",
    fix: "Allow forged transmits and promiscuous mode on the hypervisor's port, or do without use_vmac.",
    bad: pairOf(exampleConf({ lines: ["use_vmac"] })),
    good: pairOf(exampleConf()),
    check: (pair) => eachInstance(pair, virtualMac),
  },
];

const OFF: ReadonlySet<string> = new Set(["off", "false", "no"]);

const mailFindings = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const alerts = ["smtp_alert", "smtp_alert_vrrp", "smtp_alert_checker"];
  const blocks = [
    config.globals,
    ...config.instances.map(({ statements }) => statements),
    ...config.syncGroups.map(({ statements }) => statements),
  ];
  const on = blocks
    .flatMap((statements) => alerts.map((keyword) => findStatement(statements, keyword)))
    .find((statement) => statement !== null && !OFF.has(statement.words[1]?.text.toLowerCase() ?? "on"));
  const receivers = findStatement(config.globals, "notification_email");
  const server = settingOf(config.globals, "smtp_server");
  if (on != null) {
    const missing = [
      ...(receivers === null ? ["notification_email"] : []),
      ...(server === null ? ["smtp_server"] : []),
    ];
    return missing.length === 0
      ? []
      : [
          onNode(
            { node },
            on.words[0]?.at ?? null,
            `mails are switched on, but there is no ${missing.join(" and no ")}`,
          ),
        ];
  }
  return receivers === null
    ? []
    : [
        onNode(
          { node },
          receivers.words[0]?.at ?? null,
          `there are receivers of mails, but no smtp_alert: none is sent`,
          { severity: "info" },
        ),
      ];
};

const keepsAddresses = ({ node }: KeepalivedNode): readonly Finding[] => {
  const { units, files } = node.facts ?? {};
  const places = [
    { name: "keepalived.service", text: units?.get("keepalived.service")?.get("ExecStart") ?? "" },
    ...["/etc/default/keepalived", "/etc/sysconfig/keepalived"].map((path) => ({
      name: path,
      text: (files?.get(path)?.text ?? "").replace(/^\s*#.*$/gm, ""),
    })),
  ];
  return places
    .filter(({ text }) => /--dont-release-vrrp\b|[\s"'=]-[A-Za-z]*V[A-Za-z]*(?=[\s"']|$)/m.test(text))
    .map(({ name }) => onNode({ node }, null, `${name} starts keepalived with --dont-release-vrrp`));
};

const openSecrets = ({ node, config }: KeepalivedNode): readonly Finding[] => {
  const file = node.facts?.files?.get(CONF);
  const guarded = everyStatement(config.statements).find(({ words: [first] }) =>
    ["auth_pass", "auth_hmac"].includes(first?.text ?? ""),
  );
  const open =
    file != null && ((file.mode & 0o004) !== 0 || ((file.mode & 0o040) !== 0 && file.group !== "root"));
  return !open || guarded === undefined
    ? []
    : [onNode({ node }, null, `${CONF} has a password and mode ${file.mode.toString(8).padStart(4, "0")}`)];
};

const virtualMac = ({ node, instance }: NodeInstance): readonly Finding[] => {
  const at = placeOf(instance.statements, "use_vmac");
  const { virtualization } = node.facts ?? {};
  return at === null || virtualization?.kind !== "vm"
    ? []
    : [
        onNode(
          { node },
          at,
          `${instance.name} uses a virtual MAC address, and the node is a virtual machine (${virtualization.name})`,
        ),
      ];
};

import type { Random } from "./random.ts";

/** Something that people, packages and accidents do to a node. */
export interface Disturbance {
  /** Also what is shown when a round fails. */
  readonly title: string;
  /** Run as root with `set -e`; where what it works on is gone already, it does nothing. */
  readonly script: (random: Random) => string;
}

/** What a node of a role can suffer. */
export type Catalogue = readonly Disturbance[];

const say = (title: string, script: string): Disturbance => ({ title, script: () => script });

/** A managed file whose whole content is the site's. */
interface ManagedFile {
  readonly path: string;
  /** A line that is harmless where it lands until somebody reloads. */
  readonly line: string;
}

const ifFile = (path: string, script: string): string => `[ -f ${path} ] || exit 0\n${script}`;

const fileDisturbances = ({ path, line }: ManagedFile): Catalogue => [
  say(`${path}: a line is appended`, ifFile(path, `printf '%s\\n' '${line}' >>${path}`)),
  {
    title: `${path}: a line is removed`,
    script: (random) =>
      ifFile(
        path,
        `n=$(wc -l <${path}); [ $n -gt 0 ] || exit 0; sed -i "$(( ${random.below(1000)} % n + 1 ))d" ${path}`,
      ),
  },
  say(`${path}: the last line end is cut off`, ifFile(path, `truncate -s -1 ${path}`)),
  say(`${path}: truncated`, ifFile(path, `: >${path}`)),
  say(`${path}: replaced by another text`, ifFile(path, `printf '%s\\n' '${line}' '${line}' >${path}`)),
  say(`${path}: Windows line ends`, ifFile(path, `sed -i 's/$/\\r/' ${path}`)),
  say(`${path}: bytes that are no text`, ifFile(path, `printf '\\377\\000\\n' >>${path}`)),
  say(`${path}: removed`, `rm -f ${path}`),
  {
    title: `${path}: another mode`,
    script: (random) => ifFile(path, `chmod ${random.pick(["0000", "0666", "0755", "4755"])} ${path}`),
  },
  {
    title: `${path}: another owner`,
    script: (random) =>
      ifFile(path, `chown ${random.pick(["nobody", "daemon:daemon", ":adm", "54321:54321"])} ${path}`),
  },
  say(
    `${path}: a link to a copy of itself`,
    ifFile(
      path,
      `cp -p ${path} /var/tmp/${path.replaceAll("/", "_")}; ln -sf /var/tmp/${path.replaceAll("/", "_")} ${path}`,
    ),
  ),
  say(`${path}: a link to nowhere`, ifFile(path, `ln -sf /nowhere/at/all ${path}`)),
  say(`${path}: only its times differ`, ifFile(path, `touch -d '2001-02-03' ${path}`)),
];

const directoryDisturbances = (path: string): Catalogue => [
  say(`${path}: removed with all in it`, `rm -rf ${path}`),
  say(`${path}: open to everybody`, `[ ! -d ${path} ] || chmod 0777 ${path}`),
  say(`${path}: belongs to somebody else`, `[ ! -d ${path} ] || chown daemon:daemon ${path}`),
];

const serviceDisturbances = (name: string): Catalogue => [
  say(`${name}: stopped`, `systemctl stop ${name} || :`),
  say(`${name}: disabled`, `systemctl disable ${name} 2>/dev/null || :`),
  say(`${name}: stopped and disabled`, `systemctl disable --now ${name} 2>/dev/null || :`),
  say(`${name}: masked`, `systemctl mask ${name} 2>/dev/null || :`),
  say(`${name}: stopped and masked`, `systemctl mask --now ${name} 2>/dev/null || :`),
  say(`${name}: killed`, `systemctl kill -s KILL ${name} 2>/dev/null || :`),
  say(`${name}: restarted`, `systemctl restart ${name} || :`),
];

const packageDisturbances = (name: string): Catalogue => [
  say(`package ${name}: removed`, apt("remove", name)),
  say(`package ${name}: purged`, apt("purge", name)),
];

/** Removing is only for what is there: asking apt-get for less takes as long. */
const apt = (verb: "remove" | "purge", ...names: readonly string[]): string =>
  `DEBIAN_FRONTEND=noninteractive apt-get -qq -y ${verb} ${names.join(" ")} >/dev/null 2>&1`;

const HOSTS = "/etc/hosts";
const BLOCK = "nodes, managed by lbplay";

/** Only the block is the site's: what people keep around it stays theirs. */
const hostsDisturbances: Catalogue = [
  say("hosts: a line of the block is removed", ifFile(HOSTS, `sed -i '/^# BEGIN ${BLOCK}/{n;d}' ${HOSTS}`)),
  say("hosts: an address in the block is wrong", ifFile(HOSTS, `sed -i 's/ web1$/5 web1/' ${HOSTS}`)),
  say(
    "hosts: a line is added to the block",
    ifFile(HOSTS, `sed -i '/^# END ${BLOCK}/i 192.0.2.1 stranger' ${HOSTS}`),
  ),
  say(
    "hosts: the block is removed",
    ifFile(HOSTS, `sed -i '/^# BEGIN ${BLOCK}/,/^# END ${BLOCK}/d' ${HOSTS}`),
  ),
  say("hosts: the block's begin is removed", ifFile(HOSTS, `sed -i '/^# BEGIN ${BLOCK}/d' ${HOSTS}`)),
  say("hosts: the block's end is removed", ifFile(HOSTS, `sed -i '/^# END ${BLOCK}/d' ${HOSTS}`)),
  say(
    "hosts: lines around the block",
    ifFile(HOSTS, `sed -i -e '1i 192.0.2.2 before' -e '$a 192.0.2.3 after' ${HOSTS}`),
  ),
  say("hosts: truncated", `: >${HOSTS}`),
  say("hosts: removed", `rm -f ${HOSTS}`),
  say("hosts: another mode", `[ ! -e ${HOSTS} ] || chmod 0600 ${HOSTS}`),
  say("hosts: no line end at the end", `[ ! -s ${HOSTS} ] || truncate -s -1 ${HOSTS}`),
];

const nameDisturbances: Catalogue = [
  say("host name: another one until the next boot", "hostname other"),
  say("host name: another one from the next boot on", "echo other >/etc/hostname"),
  say("host name: another one by hostnamectl", "hostnamectl set-hostname other.example"),
  say("host name: /etc/hostname removed", "rm -f /etc/hostname"),
];

const base: Catalogue = [
  ...hostsDisturbances,
  ...nameDisturbances,
  ...["socat", "curl", "openssl", "ca-certificates"].flatMap(packageDisturbances),
  // apt-get would take sshd along, and with it the way in.
  say("package procps: removed by force", "dpkg --force-depends --remove procps >/dev/null 2>&1"),
];

const SETTINGS = "/etc/sysctl.d/90-lbplay.conf";

/** Keys of the sysctl role, each with a value that is not the site's. */
const KEYS: readonly (readonly [string, string])[] = [
  ["net.ipv4.ip_nonlocal_bind", "0"],
  ["net.ipv4.ip_forward", "1"],
  ["net.ipv4.conf.all.rp_filter", "1"],
  ["net.ipv4.conf.default.rp_filter", "0"],
  ["net.ipv4.ip_local_port_range", "32768 60999"],
  ["net.core.somaxconn", "128"],
  ["net.ipv4.tcp_max_syn_backlog", "512"],
  ["net.ipv4.tcp_synack_retries", "5"],
  ["net.ipv4.tcp_tw_reuse", "2"],
  ["net.ipv4.tcp_max_tw_buckets", "1024"],
];

const someKey = (title: string, script: (key: string, value: string) => string): Disturbance => ({
  title,
  script: (random) => script(...random.pick(KEYS)),
});

const live = (key: string, value: string): string => `echo '${value}' >/proc/sys/${key.replaceAll(".", "/")}`;

const sysctls: Catalogue = [
  someKey("sysctl: a live value", live),
  someKey("sysctl: another live value", live),
  say("sysctl: all live values", KEYS.map(([key, value]) => live(key, value)).join("\n")),
  someKey("sysctl: a line removed", (key) => ifFile(SETTINGS, `sed -i '/^${key}=/d' ${SETTINGS}`)),
  someKey("sysctl: a line doubled", (key) => ifFile(SETTINGS, `sed -i '/^${key}=/p' ${SETTINGS}`)),
  someKey("sysctl: a second line with another value", (key, value) =>
    ifFile(SETTINGS, `echo '${key} = ${value}' >>${SETTINGS}`),
  ),
  someKey("sysctl: a value in the file", (key, value) =>
    ifFile(SETTINGS, `sed -i 's/^${key}=.*/${key}=${value}/' ${SETTINGS}`),
  ),
  someKey("sysctl: a value in the file and live", (key, value) =>
    ifFile(SETTINGS, `sed -i 's/^${key}=.*/${key}=${value}/' ${SETTINGS}; ${live(key, value)}`),
  ),
  someKey("sysctl: a line made a comment", (key) => ifFile(SETTINGS, `sed -i 's/^${key}=/#&/' ${SETTINGS}`)),
  say("sysctl: no line end at the end", ifFile(SETTINGS, `truncate -s -1 ${SETTINGS}`)),
  say("sysctl: the file truncated", ifFile(SETTINGS, `: >${SETTINGS}`)),
  say("sysctl: the file removed", `rm -f ${SETTINGS}`),
];

const SELF = "/etc/haproxy/self-signed";
const BUNDLE = "/etc/haproxy/certs/site.pem";

/** A certificate of somebody else's making, in `$d`. */
const stranger = (commonName: string): string =>
  [
    "command -v openssl >/dev/null || exit 0",
    `[ -d ${SELF} ] && [ -d /etc/haproxy/certs ] || exit 0`,
    "d=$(mktemp -d)",
    `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout $d/key -out $d/crt -subj /CN=${commonName} 2>/dev/null`,
  ].join("\n");

const certificates: Catalogue = [
  ...directoryDisturbances("/etc/haproxy/certs"),
  ...directoryDisturbances(SELF),
  ...[BUNDLE, `${SELF}/site.key`, `${SELF}/site.crt`].flatMap((path) =>
    // A certificate may well be kept elsewhere.
    fileDisturbances({ path, line: "nonsense" }).filter(
      ({ title }) => !title.endsWith("a link to a copy of itself"),
    ),
  ),
  say(
    "certificate: the key is a link to a file that all can read",
    ifFile(
      `${SELF}/site.key`,
      `cp ${SELF}/site.key /etc/haproxy/key; chmod 0644 /etc/haproxy/key; ln -sf ../key ${SELF}/site.key`,
    ),
  ),
  say(
    "certificate: the bundle is somebody else's",
    `${stranger("other.example")}\ncat $d/crt $d/key >${BUNDLE}`,
  ),
  say(
    "certificate: the bundle's key is another one",
    `${stranger("lab.example")}\ncat ${SELF}/site.crt $d/key >${BUNDLE}`,
  ),
  say(
    "certificate: key and certificate swapped in the bundle",
    ifFile(`${SELF}/site.key`, `cat ${SELF}/site.key ${SELF}/site.crt >${BUNDLE}`),
  ),
  say(
    "certificate: one that ends tomorrow",
    `${stranger("lab.example")}\ncp $d/crt ${SELF}/site.crt; cp $d/key ${SELF}/site.key; cat $d/crt $d/key >${BUNDLE}`,
  ),
  say("certificate: another key", `${stranger("lab.example")}\ncp $d/key ${SELF}/site.key`),
  say(
    "certificate: another name",
    `${stranger("other.example")}\ncp $d/crt ${SELF}/site.crt; cp $d/key ${SELF}/site.key`,
  ),
];

const dropIn = (unit: string): string => `/etc/systemd/system/${unit}.service.d`;

const dropIns: Catalogue = ["haproxy", "keepalived"].flatMap((unit) => [
  ...directoryDisturbances(dropIn(unit)),
  ...fileDisturbances({ path: `${dropIn(unit)}/lbplay.conf`, line: "# somebody was here" }),
  say(`${unit}: the drop-in removed, and systemd knows`, `rm -rf ${dropIn(unit)}; systemctl daemon-reload`),
]);

const HEALTH = "/run/haproxy-health";

/** What keepalived goes by: a lie drains a good node, or keeps the address on a dead one. */
const trackFiles: Catalogue = [
  say("track file: says down while HAProxy is up", `echo 1 >${HEALTH}`),
  say("track file: says up while HAProxy is down", `systemctl stop haproxy || :; echo 0 >${HEALTH}`),
  say("track file: removed", `rm -f ${HEALTH}`),
  say("track file: removed while HAProxy is down", `systemctl stop haproxy || :; rm -f ${HEALTH}`),
  say("track file: nonsense", `echo up >${HEALTH}`),
  say(
    "track file: says up, as HAProxy failed without its drop-in",
    `rm -rf ${dropIn("haproxy")}; systemctl daemon-reload; systemctl stop haproxy || :; echo 0 >${HEALTH}`,
  ),
];

/** Wrong from the start, and seen at once: the service is down, or would be. */
const brokenServices: Catalogue = [
  say(
    "haproxy: a broken file, and restarted with it",
    ifFile(
      "/etc/haproxy/haproxy.cfg",
      "echo 'this is nothing' >>/etc/haproxy/haproxy.cfg; systemctl restart haproxy || :",
    ),
  ),
  say(
    "haproxy: its file removed, and restarted without",
    "rm -f /etc/haproxy/haproxy.cfg; systemctl restart haproxy || :",
  ),
  say(
    "haproxy: its bundle removed, and restarted without",
    `rm -f ${BUNDLE}; systemctl restart haproxy || :`,
  ),
  say(
    "keepalived: an empty file, and reloaded with it",
    ifFile(
      "/etc/keepalived/keepalived.conf",
      ": >/etc/keepalived/keepalived.conf; systemctl reload keepalived || :",
    ),
  ),
  say(
    "rsyslog: a broken file, and restarted with it",
    ifFile(
      "/etc/rsyslog.d/49-haproxy.conf",
      "echo 'action(type=' >>/etc/rsyslog.d/49-haproxy.conf; systemctl restart rsyslog || :",
    ),
  ),
  say(
    "haproxy: package and configuration gone",
    `${apt("remove", "haproxy")}; rm -f /etc/haproxy/haproxy.cfg`,
  ),
  say("haproxy: package purged, and its directory gone", `${apt("purge", "haproxy")}; rm -rf /etc/haproxy`),
  say(
    "haproxy: disabled, then package removed",
    `systemctl disable haproxy 2>/dev/null || :; ${apt("remove", "haproxy")}`,
  ),
  say(
    "haproxy: package removed, and a line of its file",
    `${apt("remove", "haproxy")}; [ ! -f /etc/haproxy/haproxy.cfg ] || sed -i 3d /etc/haproxy/haproxy.cfg`,
  ),
  say("keepalived: package and configuration gone", `${apt("remove", "keepalived")}; rm -rf /etc/keepalived`),
  say(
    "keepalived: package purged, drop-in gone",
    `${apt("purge", "keepalived")}; rm -rf ${dropIn("keepalived")}`,
  ),
  say("openssl and all certificates gone", `${apt("purge", "openssl")}; rm -rf /etc/haproxy/certs ${SELF}`),
  say(
    "openssl gone, and another bundle",
    `${apt("purge", "openssl")}; [ ! -d /etc/haproxy/certs ] || echo nonsense >${BUNDLE}`,
  ),
  say(
    "procps gone, and a live value",
    "dpkg --force-depends --remove procps >/dev/null 2>&1; echo 1 >/proc/sys/net/ipv4/ip_forward",
  ),
  say("both daemons purged", apt("purge", "haproxy", "keepalived")),
  say("rsyslog and its directory gone", `${apt("purge", "rsyslog")}; rm -rf /etc/rsyslog.d`),
];

const lb: Catalogue = [
  ...base,
  ...sysctls,
  ...certificates,
  ...dropIns,
  ...trackFiles,
  ...fileDisturbances({ path: "/etc/rsyslog.d/49-haproxy.conf", line: "# somebody was here" }),
  ...fileDisturbances({ path: "/etc/logrotate.d/haproxy", line: "# somebody was here" }),
  ...fileDisturbances({ path: "/etc/haproxy/haproxy.cfg", line: "# somebody was here" }),
  ...fileDisturbances({ path: "/etc/keepalived/keepalived.conf", line: "# somebody was here" }),
  ...["haproxy", "keepalived", "rsyslog"].flatMap(serviceDisturbances),
  ...["haproxy", "keepalived", "rsyslog", "logrotate"].flatMap(packageDisturbances),
  ...brokenServices,
];

const web: Catalogue = [
  ...base,
  ...directoryDisturbances("/srv/www"),
  ...fileDisturbances({ path: "/srv/www/index.html", line: "<p>somebody was here</p>" }),
  ...fileDisturbances({ path: "/etc/nginx/nginx.conf", line: "# somebody was here" }),
  ...serviceDisturbances("nginx"),
  ...packageDisturbances("nginx"),
  say(
    "nginx: a broken file, and restarted with it",
    ifFile("/etc/nginx/nginx.conf", "echo broken >>/etc/nginx/nginx.conf; systemctl restart nginx || :"),
  ),
  say("nginx: package and page gone", `${apt("remove", "nginx")}; rm -rf /srv/www`),
  say("nginx: all packages purged", apt("purge", "nginx", "nginx-common")),
];

/** The disturbances for nodes of each role. */
export const CATALOGUES = { lb, web } as const;

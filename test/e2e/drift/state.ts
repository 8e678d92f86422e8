import type { TestLab } from "../lab-fixture.ts";

/** The daemons of the site; those that a node lacks are told as such. */
const SERVICES = "haproxy keepalived rsyslog nginx";

const KERNEL =
  "sysctl=/proc/sys; for k in kernel/hostname net/ipv4/ip_nonlocal_bind net/ipv4/ip_forward net/ipv4/conf/all/rp_filter " +
  "net/ipv4/conf/default/rp_filter net/ipv4/ip_local_port_range net/core/somaxconn net/ipv4/tcp_max_syn_backlog " +
  'net/ipv4/tcp_synack_retries net/ipv4/tcp_tw_reuse net/ipv4/tcp_max_tw_buckets; do echo "$k $(cat $sysctl/$k)"; done';

/**
 * Everything that a check may not touch, one line for each thing: also times, so that a file that was written again
 * with the same content shows, and invocations, so that a service that was started again shows.
 */
const EVERYTHING = [
  "find /etc /usr/local /usr/sbin /opt /root /srv /run/lbplay /run/systemd/system /run/haproxy-health /var/lib/dpkg /var/lib/apt/lists " +
    "-printf '%p %y %m %u %g %s %T@ %C@ %l\\n' 2>/dev/null | sort",
  `for s in ${SERVICES}; do systemctl show -p Id,ActiveState,SubState,UnitFileState,LoadState,InvocationID,NeedDaemonReload $s | tr '\\n' ' '; echo; done`,
  KERNEL,
].join("\n");

/** All of a node that a check may not change. */
export const everythingOf = async (lab: TestLab, node: string): Promise<readonly string[]> =>
  (await lab.output(node, EVERYTHING)).split("\n");

/** Nobody's: caches, locks, backups that tools make by themselves, and what distributions' packages keep to themselves; what OF_LB looks at in its own way. */
const IGNORED =
  "-path /etc/ssl -o -path '/etc/ca-certificates*' -o -path /etc/alternatives -o -path '/etc/rc?.d' -o -name '*-' -o -name '*.dpkg-*' -o -name '.pwd.lock' -o -name ld.so.cache " +
  "-o -path /etc/haproxy/key -o -path '/etc/haproxy/self-signed/*' -o -path '/etc/haproxy/certs/*' -o -path /etc/hosts -o -path /etc/sysctl.d/90-lbplay.conf -o -path /etc/passwd -o -path /etc/group -o -path /etc/shadow -o -path /etc/gshadow -o -path '/etc/sub?id'";

/** For all nodes: files with content, mode and owner, the block in /etc/hosts, services, kernel settings, packages. */
const MANAGED = [
  `find /etc /srv \\( ${IGNORED} \\) -prune -o -printf '%p %y %m %u %g %l\\n' | sort`,
  `find /etc /srv \\( ${IGNORED} \\) -prune -o -type f -exec sha256sum {} + | sort -k 2`,
  "stat -c '%n %A' /etc/hosts",
  "tac /etc/hosts | sed -n '/^# END nodes, managed/,/^# BEGIN nodes, managed/{p;/BEGIN/q}'",
  `for s in ${SERVICES}; do echo "$s $(systemctl is-active $s) $(systemctl is-enabled $s 2>&1) $(systemctl show -p NeedDaemonReload,DropInPaths $s | tr '\\n' ' ')"; done`,
  KERNEL,
  "dpkg-query -W -f '${Package} ${db:Status-Status}\\n' haproxy keepalived rsyslog logrotate nginx socat curl openssl procps ca-certificates 2>&1 | grep -v '^dpkg-query'",
];

/** For load balancers also: what keepalived goes by, the lines of the settings file in any order, the certificate's files, made anew with another key each time, and that they fit. */
const OF_LB = [
  "cat /run/haproxy-health",
  "stat -c '%n %A' /etc/sysctl.d/90-lbplay.conf",
  "grep -v '^#' /etc/sysctl.d/90-lbplay.conf | sort",
  "cd /etc/haproxy",
  "stat -L -c '%n %A %U %G' self-signed/* certs/*",
  "cat self-signed/site.crt self-signed/site.key | cmp - certs/site.pem",
  "openssl x509 -in certs/site.pem -noout -checkend 86400 -subject",
];

/** What the site wants of a node, one line for each thing. */
export const managedOf = async (lab: TestLab, node: string): Promise<readonly string[]> => {
  const script = [...MANAGED, ...(node.startsWith("lb") ? OF_LB : [])].join("\n");
  const { stdout, stderr } = await lab.exec(node, script);
  return [...stdout.split("\n"), ...stderr.split("\n")];
};

/** The lines that only one of two lists has. */
export const differences = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
};

import { cp, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A playbook that both languages speak, in a directory of its own. */
export interface Workload {
  readonly name: string;
  /** Tasks that a node has at most, handlers not counted. */
  readonly tasks: number;
  readonly directory: string;
  readonly playbook: string;
  /** Takes away from a node what the playbook made, but for packages. */
  readonly undo: string;
  /** A hand-written script that reads on a node what the tasks look at. */
  readonly reads: (role: "lb" | "web") => string;
}

const SITE = fileURLToPath(new URL("site", import.meta.url));

/** The everyday site of `site/`: packages, kernel settings, files, templates, services. */
export const siteWorkload = async (directory: string): Promise<Workload> => {
  await cp(SITE, directory, { recursive: true });
  return {
    name: "site",
    tasks: 14,
    directory,
    playbook: "site.yml",
    undo: `rm -rf /etc/haproxy/pages /etc/haproxy/certs /etc/sysctl.d/90-bench.conf /etc/rsyslog.d/40-bench.conf \\
  /etc/logrotate.d/bench /srv/www /etc/nginx/sites-available/bench /etc/nginx/sites-enabled/bench /etc/security/limits.d/pages.conf
sed -i '/ lb[12]$/d' /etc/hosts
sysctl -qw net.ipv4.ip_nonlocal_bind=0 net.ipv4.ip_forward=0
for f in /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf; do [ ! -e "$f" ] || echo '# undone' >"$f"; done
[ ! -e /etc/nginx/nginx.conf ] || sed -i '/server_tokens/d; s/^http {/http {\\n\\tserver_tokens on;/' /etc/nginx/nginx.conf
userdel pages 2>/dev/null || true`,
    reads: (role) => SITE_READS[role],
  };
};

const SITE_READS = {
  lb: `dpkg-query -W -f '\${Package} \${db:Status-Abbrev} \${Version}\\n' haproxy keepalived rsyslog logrotate
cat /etc/hosts /etc/sysctl.d/90-bench.conf /proc/sys/net/ipv4/ip_nonlocal_bind /proc/sys/net/ipv4/ip_forward
set -- /etc/haproxy/pages/503.http /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf /etc/rsyslog.d/40-bench.conf /etc/logrotate.d/bench
stat -c '%n %F %a %U %G %s' /etc/haproxy/certs /etc/haproxy/pages "$@"
sha256sum "$@"
systemctl show -p Id,ActiveState,UnitFileState haproxy keepalived rsyslog`,
  web: `dpkg-query -W -f '\${Package} \${db:Status-Abbrev} \${Version}\\n' nginx-light
set -- /srv/www/index.html /srv/www/healthz /etc/nginx/sites-available/bench /etc/nginx/nginx.conf /etc/security/limits.d/pages.conf
stat -c '%n %F %a %U %G %s' /srv/www /etc/nginx/sites-enabled/bench "$@"
sha256sum "$@"
readlink /etc/nginx/sites-enabled/bench
getent passwd pages
systemctl show -p Id,ActiveState,UnitFileState nginx`,
} as const;

/** Where the tasks of a long play work. */
const PLACE = "/srv/bench";

/** A play of so many tasks on all nodes: directories, texts, templates, files, lines, in turns. */
export const longWorkload = async (directory: string, tasks: number): Promise<Workload> => {
  await mkdir(`${directory}/templates`, { recursive: true });
  await mkdir(`${directory}/files`, { recursive: true });
  await writeFile(
    `${directory}/templates/t.j2`,
    "{% for i in range(20) %}\n{{ inventory_hostname }} {{ number }} {{ i }}\n{% endfor %}\n",
  );
  await writeFile(`${directory}/files/f`, "x".repeat(2000));
  const texts = Array.from({ length: tasks }, (_, index) => taskText(index));
  await writeFile(
    `${directory}/site.yml`,
    `- hosts: lb:web\n  become: true\n  gather_facts: false\n  tasks:\n${texts.join("")}`,
  );
  return {
    name: `${tasks} tasks`,
    tasks,
    directory,
    playbook: "site.yml",
    undo: `rm -rf ${PLACE}`,
    reads: () =>
      `cd ${PLACE} && find . -type f -printf '%p %m %u %g %s\\n' && find . -type f -exec sha256sum {} +`,
  };
};

const taskText = (index: number): string => {
  const name = `    - name: Task ${index}\n      `;
  const file = `${PLACE}/${Math.floor(index / 5)}`;
  switch (index % 5) {
    case 0:
      return `${name}ansible.builtin.file: { path: ${file}, state: directory, mode: "0755" }\n`;
    case 1:
      return `${name}ansible.builtin.copy: { content: "text ${index}\\n", dest: ${file}/text, mode: "0644" }\n`;
    case 2:
      return `${name}ansible.builtin.template: { src: t.j2, dest: ${file}/template, mode: "0644" }\n      vars: { number: ${index} }\n`;
    case 3:
      return `${name}ansible.builtin.copy: { src: f, dest: ${file}/file, mode: "0600" }\n`;
    default:
      return `${name}ansible.builtin.lineinfile: { path: ${file}/text, line: "line ${index}" }\n`;
  }
};

import type { Task } from "../core/task.ts";
import { addHost } from "./add-host/add-host.ts";
import { alternatives } from "./alternatives/alternatives.ts";
import { apt } from "./apt/apt.ts";
import { aptKey } from "./apt-key/apt-key.ts";
import { aptRepository } from "./apt-repository/apt-repository.ts";
import { assemble } from "./assemble/assemble.ts";
import { assertTask } from "./assert/assert.ts";
import { asyncStatus } from "./async-status/async-status.ts";
import { authorizedKey } from "./authorized-key/authorized-key.ts";
import { blockinfile } from "./blockinfile/blockinfile.ts";
import { command } from "./command/command.ts";
import { copy } from "./copy/copy.ts";
import { cron } from "./cron/cron.ts";
import { debconf } from "./debconf/debconf.ts";
import { debug } from "./debug/debug.ts";
import { dnf } from "./dnf/dnf.ts";
import { dpkgSelections } from "./dpkg-selections/dpkg-selections.ts";
import { expect } from "./expect/expect.ts";
import { fail } from "./fail/fail.ts";
import { fetch } from "./fetch/fetch.ts";
import { file } from "./file/file.ts";
import { find } from "./find/find.ts";
import { firewalld } from "./firewalld/firewalld.ts";
import { getUrl } from "./get-url/get-url.ts";
import { getent } from "./getent/getent.ts";
import { git } from "./git/git.ts";
import { group } from "./group/group.ts";
import { groupBy } from "./group-by/group-by.ts";
import { haproxy } from "./haproxy/haproxy.ts";
import { haproxyConfig } from "./haproxy-config/haproxy-config.ts";
import { hostname } from "./hostname/hostname.ts";
import { htpasswd } from "./htpasswd/htpasswd.ts";
import { iniFile } from "./ini-file/ini-file.ts";
import { iptables } from "./iptables/iptables.ts";
import { keepalivedConfig } from "./keepalived-config/keepalived-config.ts";
import { knownHosts } from "./known-hosts/known-hosts.ts";
import { lineinfile } from "./lineinfile/lineinfile.ts";
import { make } from "./make/make.ts";
import { modprobe } from "./modprobe/modprobe.ts";
import { mount } from "./mount/mount.ts";
import { opensslDhparam } from "./openssl-dhparam/openssl-dhparam.ts";
import { opensslPrivatekey } from "./openssl-privatekey/openssl-privatekey.ts";
import { packageTask } from "./package/package.ts";
import { packageFacts } from "./package-facts/package-facts.ts";
import { pause } from "./pause/pause.ts";
import { pemBundle } from "./pem-bundle/pem-bundle.ts";
import { ping } from "./ping/ping.ts";
import { raw } from "./raw/raw.ts";
import { reboot } from "./reboot/reboot.ts";
import { replace } from "./replace/replace.ts";
import { rpmKey } from "./rpm-key/rpm-key.ts";
import { script } from "./script/script.ts";
import { seboolean } from "./seboolean/seboolean.ts";
import { sefcontext } from "./sefcontext/sefcontext.ts";
import { selfSignedCertificate } from "./self-signed-certificate/self-signed-certificate.ts";
import { selinux } from "./selinux/selinux.ts";
import { seport } from "./seport/seport.ts";
import { service } from "./service/service.ts";
import { serviceFacts } from "./service-facts/service-facts.ts";
import { setFact } from "./set-fact/set-fact.ts";
import { setStats } from "./set-stats/set-stats.ts";
import { setup } from "./setup/setup.ts";
import { shell } from "./shell/shell.ts";
import { slurp } from "./slurp/slurp.ts";
import { stat } from "./stat/stat.ts";
import { sysctl } from "./sysctl/sysctl.ts";
import { systemd } from "./systemd/systemd.ts";
import { tempfile } from "./tempfile/tempfile.ts";
import { template } from "./template/template.ts";
import { timezone } from "./timezone/timezone.ts";
import { trackFile } from "./track-file/track-file.ts";
import { ufw } from "./ufw/ufw.ts";
import { unarchive } from "./unarchive/unarchive.ts";
import { uri } from "./uri/uri.ts";
import { user } from "./user/user.ts";
import { validateArgumentSpec } from "./validate-argument-spec/validate-argument-spec.ts";
import { waitFor } from "./wait-for/wait-for.ts";
import { waitForConnection } from "./wait-for-connection/wait-for-connection.ts";
import { yum } from "./yum/yum.ts";
import { yumRepository } from "./yum-repository/yum-repository.ts";

/** Every module there is, in alphabetical order. */
export const tasks: readonly Task[] = [
  addHost,
  alternatives,
  apt,
  aptKey,
  aptRepository,
  assemble,
  assertTask,
  asyncStatus,
  authorizedKey,
  blockinfile,
  command,
  copy,
  cron,
  debconf,
  debug,
  dnf,
  dpkgSelections,
  expect,
  fail,
  fetch,
  file,
  find,
  firewalld,
  getUrl,
  getent,
  git,
  group,
  groupBy,
  haproxy,
  haproxyConfig,
  hostname,
  htpasswd,
  iniFile,
  iptables,
  keepalivedConfig,
  knownHosts,
  lineinfile,
  make,
  modprobe,
  mount,
  opensslDhparam,
  opensslPrivatekey,
  packageTask,
  packageFacts,
  pause,
  pemBundle,
  ping,
  raw,
  reboot,
  replace,
  rpmKey,
  script,
  seboolean,
  sefcontext,
  selfSignedCertificate,
  selinux,
  seport,
  service,
  serviceFacts,
  setFact,
  setStats,
  setup,
  shell,
  slurp,
  stat,
  sysctl,
  systemd,
  tempfile,
  template,
  timezone,
  trackFile,
  ufw,
  unarchive,
  uri,
  user,
  validateArgumentSpec,
  waitFor,
  waitForConnection,
  yum,
  yumRepository,
];

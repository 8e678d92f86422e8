import type { Value } from "../../core/value.ts";
import { dmi, type Gathered, sectionLines, sectionText } from "./gather.ts";
import type { Facts } from "./platform.ts";

/** What the node runs in, and what could run in it. The first finding names the type; all are listed. */
export const virtualFacts = (gathered: Gathered): Facts => {
  const guests = [...containers(gathered), ...machines(gathered)];
  const hosts = hostTechnologies(gathered);
  const contained = guests.some((name) => CONTAINERS.has(name)) || gathered.has("/run/systemd/container");
  const [guest] = guests;
  const [host] = hosts;
  return {
    ...(guest !== undefined
      ? { virtualization_type: guest, virtualization_role: "guest" }
      : host !== undefined
        ? { virtualization_type: host, virtualization_role: "host" }
        : { virtualization_type: "NA", virtualization_role: "NA" }),
    virtualization_tech_guest: [...new Set([...guests, ...(contained ? ["container"] : [])])],
    virtualization_tech_host: hosts,
  } satisfies Readonly<Record<string, Value>>;
};

const CONTAINERS = new Set(["docker", "lxc", "podman", "openvz", "containerd"]);

const containers = (gathered: Gathered): readonly string[] => {
  const groups = sectionText(gathered, "/proc/1/cgroup");
  const first = sectionText(gathered, "environ-1");
  const exists = new Set(sectionLines(gathered, "exists"));
  const systemd = sectionText(gathered, "/run/systemd/container");
  return [
    ...(/\/docker(\/|-[0-9a-f]+\.scope)/.test(groups) ? ["docker"] : []),
    ...(/\/lxc\/|\/machine\.slice\/machine-lxc/.test(groups) || /container=lxc/.test(first) ? ["lxc"] : []),
    ...(/\/system\.slice\/containerd\.service/.test(groups) ? ["containerd"] : []),
    ...(/container=podman/.test(first) ? ["podman"] : []),
    ...(/^container=./m.test(first) ? ["container"] : []),
    ...(exists.has("/proc/vz") && !exists.has("/proc/lve") && !exists.has("/proc/bc") ? ["openvz"] : []),
    ...(systemd === "" ? [] : [systemd]),
    ...(exists.has("/.dockerenv") ? ["docker"] : []),
    ...(exists.has("/proc/xen") ? ["xen"] : []),
  ];
};

const PRODUCTS: Readonly<Record<string, string>> = {
  KVM: "kvm",
  "KVM Server": "kvm",
  Bochs: "kvm",
  AHV: "kvm",
  "VMware Virtual Platform": "VMware",
  "VMware7,1": "VMware",
  "OpenStack Compute": "openstack",
  "OpenStack Nova": "openstack",
};

const FIRMWARES: Readonly<Record<string, string>> = {
  Xen: "xen",
  "innotek GmbH": "virtualbox",
  "Amazon EC2": "kvm",
  DigitalOcean: "kvm",
  Hetzner: "kvm",
};

const VENDORS: Readonly<Record<string, string>> = {
  oVirt: "oVirt",
  QEMU: "kvm",
  "Amazon EC2": "kvm",
  DigitalOcean: "kvm",
  Google: "kvm",
  Scaleway: "kvm",
  Nutanix: "kvm",
  KubeVirt: "KubeVirt",
  "Microsoft Corporation": "VirtualPC",
  "Parallels Software International Inc.": "parallels",
  "OpenStack Foundation": "openstack",
};

const machines = (gathered: Gathered): readonly string[] => {
  const vendor = dmi(gathered, "sys_vendor") ?? "";
  const product = dmi(gathered, "product_name") ?? "";
  const redhat =
    vendor === "Red Hat"
      ? dmi(gathered, "product_family") === "RHV"
        ? "RHV"
        : product === "RHEV Hypervisor"
          ? "RHEV"
          : null
      : null;
  const named = [
    PRODUCTS[product],
    redhat ?? undefined,
    FIRMWARES[dmi(gathered, "bios_vendor") ?? ""],
    VENDORS[vendor],
    /^model name.*QEMU Virtual CPU/m.test(sectionText(gathered, "/proc/cpuinfo")) ? "kvm" : undefined,
  ];
  return named.flatMap((name) => name ?? []);
};

const hostTechnologies = (gathered: Gathered): readonly string[] => {
  const modules = sectionLines(gathered, "/proc/modules").map((line) => line.split(" ")[0]);
  const exists = new Set(sectionLines(gathered, "exists"));
  return [
    ...(modules.includes("kvm") || exists.has("/dev/kvm") ? ["kvm"] : []),
    ...(modules.includes("vboxdrv") ? ["virtualbox"] : []),
    ...(exists.has("/proc/vz") && exists.has("/proc/bc") ? ["openvz"] : []),
  ];
};

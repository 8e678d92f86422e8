import type { TestLab } from "./lab-fixture.ts";

/** A repository with a newer build of each package, as the distribution would bring one. */
export const publishNewer = async (lab: TestLab): Promise<void> => {
  const script = `set -e
    mkdir -p /srv/newer && cd /srv/newer
    apt-get update -q >/dev/null
    for name in haproxy keepalived; do
      apt-get download -q $name >/dev/null 2>&1
      dpkg-deb -R "$name"_*.deb tree
      sed -i 's/^Version: .*/&+next1/' tree/DEBIAN/control
      rm "$name"_*.deb
      dpkg-deb -Znone -b tree "$name.deb" >/dev/null
      { dpkg-deb -f "$name.deb"; echo "Filename: ./$name.deb"; echo "Size: $(stat -c %s "$name.deb")"; echo "SHA256: $(sha256sum "$name.deb" | cut -d' ' -f1)"; echo; } >> Packages
      rm -r tree
    done
    echo 'deb [trusted=yes] file:/srv/newer ./' > /etc/apt/sources.list.d/newer.list`;
  await Promise.all(["lb1", "lb2"].map((node) => lab.output(node, script)));
};

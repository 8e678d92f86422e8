/** What lets protocol 112 through, IPv4 and IPv6, and nothing else: the kernel drops the rest before anybody copies it. */
const FILTER: readonly (readonly [code: number, yes: number, no: number, value: number])[] = [
  [0x30, 0, 0, 0],
  [0x54, 0, 0, 0xf0],
  [0x15, 2, 0, 0x40],
  [0x15, 3, 0, 0x60],
  [0x06, 0, 0, 0],
  [0x30, 0, 0, 9],
  [0x15, 2, 3, 112],
  [0x30, 0, 0, 6],
  [0x15, 0, 1, 112],
  [0x06, 0, 0, 2048],
  [0x06, 0, 0, 0],
];

/** A password of VRRP 2 stands behind the addresses: it is cut off before anything leaves the node. */
const PERL = `
my $filter = pack("SCCL" x ${FILTER.length}, ${FILTER.flat().join(", ")});
socket(S, 17, 2, unpack("S", pack("n", 3))) or die "$!\\n";
setsockopt(S, 1, 26, pack("S x!" . length(pack("P", "x")) . " P", ${FILTER.length}, $filter)) or die "$!\\n";
my ($end, %seen) = (time + $ARGV[0]);
while ((my $left = $end - time) > 0) {
  my $ready = ""; vec($ready, fileno(S), 1) = 1;
  next unless select($ready, undef, undef, $left) > 0;
  my $from = recv(S, my $packet, 2048, 0);
  next unless defined $from && length $packet >= 28;
  my (undef, undef, $link, undef, $type, undef, $mac) = unpack("S n i S C C H12", $from);
  my ($head, $source, $target) = ord($packet) >> 4 == 4
    ? ((ord($packet) & 15) * 4, substr($packet, 12, 4), substr($packet, 16, 4))
    : (40, substr($packet, 8, 16), substr($packet, 24, 16));
  my $all = ord($packet) >> 4 == 4 ? unpack("n", substr($packet, 2, 2)) : length $packet;
  my $body = substr($packet, $head, $all - $head);
  next if length $body < 8;
  $body = substr($body, 0, 8 + 4 * ord(substr($body, 3, 1))) if ord($body) >> 4 == 2;
  $seen{join " ", $link, $type, $mac, unpack("H*", $source), unpack("H*", $target), unpack("H*", $body)}++ if %seen < 200;
}
print "$seen{$_} $_\\n" for sort keys %seen;`;

const PYTHON = `
import binascii, ctypes, select, socket, struct, sys, time
rows = [${FILTER.map((row) => `(${row.join(", ")})`).join(", ")}]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
s = socket.socket(17, socket.SOCK_DGRAM, socket.htons(3))
s.setsockopt(1, 26, struct.pack("HP", len(rows), ctypes.addressof(code)))
links = dict((line.split(":")[1].strip().split("@")[0], line.split(":")[0]) for line in sys.argv[2].splitlines() if ":" in line)
hexed = lambda data: binascii.hexlify(bytes(data)).decode()
end, seen = time.time() + int(sys.argv[1]), {}
while time.time() < end:
    if not select.select([s], [], [], max(0, end - time.time()))[0]: continue
    packet, (name, _, kind, _, mac) = s.recvfrom(2048)
    packet = bytearray(packet)
    if len(packet) < 28: continue
    four = packet[0] >> 4 == 4
    head = (packet[0] & 15) * 4 if four else 40
    source, target = (packet[12:16], packet[16:20]) if four else (packet[8:24], packet[24:40])
    body = packet[head:packet[2] * 256 + packet[3] if four else len(packet)]
    if len(body) < 8: continue
    if body[0] >> 4 == 2: body = body[:8 + 4 * body[3]]
    key = " ".join([links.get(name, "0"), str(kind), hexed(mac), hexed(source), hexed(target), hexed(body)])
    if len(seen) < 200: seen[key] = seen.get(key, 0) + 1
for key in sorted(seen): print("%d %s" % (seen[key], key))`;

/**
 * Shell function `wire SECONDS FILE`: the adverts that pass any interface, in both directions, as the node's kernel has
 * them before a firewall for incoming packets can drop them. Perl is on every Debian, python on every system of the Red Hat
 * family; else tcpdump. The first line of the file says which of them it was.
 */
export const WIRE = `
wire() {
  if command -v perl >/dev/null; then
    echo perl >"$2"
    perl -e '${PERL}' "$1" >>"$2" 2>"$2.error" && return
  fi
  for python in python3 python /usr/libexec/platform-python; do
    command -v "$python" >/dev/null || continue
    echo python >"$2"
    "$python" -c '${PYTHON}' "$1" "$(ip -o link show)" >>"$2" 2>"$2.error" && return
  done
  if command -v tcpdump >/dev/null; then
    echo tcpdump >"$2"
    timeout "$1" tcpdump -nnl -c 500 -i any 'ip proto 112 or ip6 proto 112' >>"$2" 2>/dev/null
    return
  fi
  echo nothing >"$2"
}`;

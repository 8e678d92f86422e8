/**
 * Shell text of `keys_of FILE`, which prints the keys of a keyring, binary or armored: `pub` or `sub`, and the fingerprint
 * in hexadecimal digits. gpg is missing on many nodes; this takes od, awk (busybox's knows no powers) and sha1sum. A key's fingerprint is the SHA-1 of
 * its packet's body behind 0x99 and two bytes of length (RFC 4880, 12.2); only keys of version 4 count.
 */
export const KEYS_OF: readonly string[] = [
  "keys_of() { a=0; ! grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' \"$1\" || a=1",
  'if [ $a = 1 ]; then cat "$1"; else od -An -v -tu1 "$1"; fi | awk -v armored=$a \'',
  'BEGIN { digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; power[0] = 1; power[2] = 4; power[4] = 16 }',
  "armored && /^-----BEGIN PGP PUBLIC KEY BLOCK-----/ { inside = head = 1; n = v = m = 0; next }",
  "armored && /^-----END PGP/ { walk(); inside = 0; next }",
  "armored && !inside { next }",
  'armored { sub(/\\r$/, "") }',
  'armored && head { if ($0 == "") head = 0; next }',
  'armored && substr($0, 1, 1) == "=" { next }',
  "armored { for (i = 1; i <= length($0); i++) { c = index(digits, substr($0, i, 1)); if (!c) break",
  "v = v * 64 + c - 1; m += 6; if (m >= 8) { m -= 8; b[n++] = int(v / power[m]); v %= power[m] } } next }",
  "{ for (i = 1; i <= NF; i++) b[n++] = $i + 0 }",
  "END { walk() }",
  'function octal(x) { return x == 37 ? "%%" : sprintf("\\\\%03o", x) }',
  "function walk(  p, t, k, l, q, i, s) { for (p = 0; p < n; p = q + l) { t = b[p]; if (t < 128) break",
  "if (t >= 192) { k = t - 192; l = b[p + 1]; q = p + 2",
  "if (l == 255) { l = ((b[p + 2] * 256 + b[p + 3]) * 256 + b[p + 4]) * 256 + b[p + 5]; q = p + 6 }",
  "else if (l >= 224) break; else if (l >= 192) { l = (l - 192) * 256 + b[p + 2] + 192; q = p + 3 } }",
  "else { k = int((t - 128) / 4); if (t % 4 == 0) { l = b[p + 1]; q = p + 2 }",
  "else if (t % 4 == 1) { l = b[p + 1] * 256 + b[p + 2]; q = p + 3 }",
  "else if (t % 4 == 2) { l = ((b[p + 1] * 256 + b[p + 2]) * 256 + b[p + 3]) * 256 + b[p + 4]; q = p + 5 } else break }",
  "if ((k == 6 || k == 14) && b[q] == 4) { s = octal(153) octal(int(l / 256)) octal(l % 256)",
  'for (i = 0; i < l; i++) s = s octal(b[q + i]); print (k == 6 ? "pub " : "sub ") s } } n = 0 }',
  '\' | while read -r k o; do h=$(printf "$o" | sha1sum); echo "$k ${h%% *}"; done; }',
];

#!/bin/sh
# Builds HAProxy from its source and puts it in place as a whole; what is there stays as it is if anything fails.
# Everything comes in by the environment:
#   SOURCE          archive, or directory with an unpacked source
#   CHECKSUM        sha256:… of the archive; empty for none
#   VERSION         the version that the source has to be
#   DIRECTORY       where the program goes: DIRECTORY/sbin/haproxy
#   STAMP           name of a directory in it that says what was built
#   TARGET          make's TARGET; empty for what version and C library want
#   FEATURES        words such as openssl=auto: auto, true or false
#   MAKE_ARGUMENTS  further words for make
#   JOBS            how many compilers at once; 0 for one per processor
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

for tool in cc make tar gzip sha256sum; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is not there: leave haproxy_source_packages as it is, or install it"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/haproxy-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/source" "$work/root"

if [ -d "$SOURCE" ]; then
  cp -Rp "$SOURCE/." "$work/source"
  cd "$work/source"
  make -s clean >/dev/null 2>&1 || true
else
  if [ -n "$CHECKSUM" ]; then
    printf '%s  %s\n' "${CHECKSUM#sha256:}" "$SOURCE" | sha256sum -c - >/dev/null 2>&1 ||
      fail "$SOURCE has the SHA-256 $(sha256sum <"$SOURCE" | cut -d' ' -f1), not ${CHECKSUM#sha256:}"
  fi
  tar -xf "$SOURCE" -C "$work/source"
  # Archives hold one directory, whatever its name.
  set -- "$work"/source/*/
  [ $# -eq 1 ] && [ -d "$1" ] || fail "$SOURCE does not hold one directory"
  cd "$1"
fi

[ -f Makefile ] && [ -f VERSION ] || fail "$SOURCE is no source of HAProxy"
found=$(head -n 1 VERSION)
[ "$found" = "$VERSION" ] || fail "$SOURCE is HAProxy $found, not $VERSION"

# Which name the platform goes by changed with 2.0; musl has had its own since 2.2.
if [ -z "$TARGET" ]; then
  if grep -q 'linux-glibc' Makefile; then
    TARGET=linux-glibc
    if grep -q 'linux-musl' Makefile && ls /lib/ld-musl-* >/dev/null 2>&1; then TARGET=linux-musl; fi
  else
    TARGET=linux2628
  fi
fi

# feature, header, and what make is told: an option that this version does not know is as good as not there.
set -- "TARGET=$TARGET" "PREFIX=$DIRECTORY"
header() {
  printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <%s>\n' "$1" | cc -E - >/dev/null 2>&1
}
for feature in $FEATURES; do
  name=${feature%%=*} wish=${feature#*=}
  case $name in
    openssl) needs=openssl/ssl.h options=USE_OPENSSL ;;
    pcre2) needs=pcre2.h options='USE_PCRE2 USE_PCRE2_JIT' ;;
    zlib) needs=zlib.h options=USE_ZLIB ;;
    systemd)
      # Since 3.0 it speaks to systemd without its library, since 3.1 without being told to.
      needs=systemd/sd-daemon.h options=USE_SYSTEMD
      grep -q -e '-lsystemd' Makefile || needs=
      grep -q USE_SYSTEMD Makefile || options=
      ;;
    *) fail "haproxy_source_features has no feature $name: it is openssl, pcre2, zlib or systemd" ;;
  esac
  case $wish in
    false) continue ;;
    auto | true) ;;
    *) fail "the feature $name is true, false or auto, not $wish" ;;
  esac
  absent=
  [ -z "$needs" ] || header "$needs" || absent="the header <$needs> is not there"
  for option in $options; do
    grep -q "$option" Makefile || absent="HAProxy $VERSION does not know $option"
  done
  if [ -n "$absent" ]; then
    [ "$wish" = auto ] || fail "cannot build with $name: $absent"
    echo "without $name: $absent"
    continue
  fi
  echo "with $name"
  for option in $options; do set -- "$@" "$option=1"; done
done

# The words are split here on purpose.
# shellcheck disable=SC2086
set -- "$@" $MAKE_ARGUMENTS
[ "$JOBS" != 0 ] || JOBS=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
echo "make $*"
make -j"$JOBS" "$@" >"$work/log" 2>&1 || {
  tail -n 30 "$work/log" >&2
  fail "make failed"
}
make "$@" "DESTDIR=$work/root" install-bin install-man >"$work/log" 2>&1 || {
  tail -n 30 "$work/log" >&2
  fail "make install failed"
}

built=$work/root$DIRECTORY
"$built/sbin/haproxy" -v | grep -qF " $VERSION" || fail "the program that was built is not HAProxy $VERSION"

# The program last, by a rename: a running one is never written to, and an old stamp never names a new program.
mkdir -p "$DIRECTORY/sbin"
rm -rf "$DIRECTORY"/.built-*
mv "$built/sbin/haproxy" "$work/haproxy"
cp -R "$built/." "$DIRECTORY"
cp "$work/haproxy" "$DIRECTORY/sbin/.haproxy.new"
chmod 0755 "$DIRECTORY/sbin/.haproxy.new"
mv -f "$DIRECTORY/sbin/.haproxy.new" "$DIRECTORY/sbin/haproxy"
mkdir "$DIRECTORY/$STAMP"

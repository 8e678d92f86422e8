#!/bin/sh
# Builds keepalived from its source and puts it in place as a whole; what is there stays as it is if anything fails.
# Everything comes in by the environment:
#   SOURCE          archive, or directory with an unpacked source
#   CHECKSUM        sha256:… of the archive; empty for none
#   VERSION         the version that the source has to be
#   DIRECTORY       where the program goes: DIRECTORY/sbin/keepalived
#   STAMP           name of a directory in it that says what was built
#   FEATURES        words such as nftables=auto: auto, true or false
#   CONFIGURE_ARGUMENTS  further words for configure
#   JOBS            how many compilers at once; 0 for one per processor
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

for tool in cc make tar gzip sha256sum pkg-config; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is not there: leave keepalived_source_packages as it is, or install it"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/keepalived-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/source" "$work/root"

if [ -d "$SOURCE" ]; then
  # With their times: files that look older than what they are made from would be made again, by tools that are missing.
  cp -Rp "$SOURCE/." "$work/source"
  cd "$work/source"
  make -s distclean >/dev/null 2>&1 || true
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

[ -f configure.ac ] && [ -d keepalived ] || fail "$SOURCE is no source of keepalived"
if [ ! -x configure ]; then
  # A copy of the repository lacks what releases bring along.
  command -v autoreconf >/dev/null 2>&1 || fail "$SOURCE has no configure: take a release, or install autoconf and automake"
  autoreconf -fi >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    fail "autoreconf failed"
  }
fi
found=$(sed -n "s/^PACKAGE_VERSION='\(.*\)'\$/\1/p" configure)
[ "$found" = "$VERSION" ] || fail "$SOURCE is keepalived $found, not $VERSION"

set -- "--prefix=$DIRECTORY" --sysconfdir=/etc --localstatedir=/var
for feature in $FEATURES; do
  name=${feature%%=*} wish=${feature#*=}
  case $name in
    # Without an init system of its own it does not look for systemd's library.
    systemd)
      library=libsystemd
      with="--with-init=systemd --with-systemdsystemunitdir=$DIRECTORY/lib/systemd/system"
      without='--with-init=SYSV --disable-systemd'
      ;;
    nftables) library='libnftnl libmnl' with='' without=--disable-nftables ;;
    lvs) library='' with='' without=--disable-lvs ;;
    snmp) library=netsnmp with=--enable-snmp without='' ;;
    *) fail "keepalived_source_features has no feature $name: it is systemd, nftables, lvs or snmp" ;;
  esac
  case $wish in
    auto | true | false) ;;
    *) fail "the feature $name is true, false or auto, not $wish" ;;
  esac
  # shellcheck disable=SC2086
  if [ "$wish" != false ] && { [ -z "$library" ] || pkg-config --exists $library; }; then
    echo "with $name"
    # shellcheck disable=SC2086
    set -- "$@" $with
    continue
  fi
  [ "$wish" != true ] || fail "cannot build with $name: the headers of $library are not there"
  [ "$wish" = false ] || echo "without $name: the headers of $library are not there"
  # shellcheck disable=SC2086
  set -- "$@" $without
done

# The words are split here on purpose.
# shellcheck disable=SC2086
set -- "$@" $CONFIGURE_ARGUMENTS
[ "$JOBS" != 0 ] || JOBS=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
echo "configure $*"
run() {
  what=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    fail "$what failed"
  }
}
run configure ./configure "$@"
run make make -j"$JOBS"
run "make install" make install "DESTDIR=$work/root"

built=$work/root$DIRECTORY
"$built/sbin/keepalived" --version 2>&1 | grep -qF " v$VERSION" || fail "the program that was built is not keepalived $VERSION"

# Only what is below the prefix: units and samples below /etc are the role's. The program last, by a rename: a running
# one is never written to, and an old stamp never names a new program.
mkdir -p "$DIRECTORY/sbin"
rm -rf "$DIRECTORY"/.built-*
mv "$built/sbin/keepalived" "$work/keepalived"
cp -R "$built/." "$DIRECTORY"
cp "$work/keepalived" "$DIRECTORY/sbin/.keepalived.new"
chmod 0755 "$DIRECTORY/sbin/.keepalived.new"
mv -f "$DIRECTORY/sbin/.keepalived.new" "$DIRECTORY/sbin/keepalived"
mkdir "$DIRECTORY/$STAMP"

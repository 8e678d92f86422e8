# How HAProxy is built, for build.sh: TARGET, FEATURES (openssl, pcre2, zlib, systemd) and ARGUMENTS are for its make.
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
set -- "$@" $ARGUMENTS
echo "make $*"
run make make -j"$JOBS" "$@"
run "make install" make "$@" "DESTDIR=$root" install-bin install-man
"$root$DIRECTORY/sbin/haproxy" -v | grep -qF " $VERSION" || fail "the program that was built is not HAProxy $VERSION"

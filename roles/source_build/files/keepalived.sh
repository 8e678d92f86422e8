# How keepalived is built, for build.sh: FEATURES (systemd, nftables, lvs, snmp) and ARGUMENTS are for its configure.
command -v pkg-config >/dev/null 2>&1 ||
  fail "pkg-config is not there: leave keepalived_source_packages as it is, or install it"
[ -f configure.ac ] && [ -d keepalived ] || fail "$SOURCE is no source of keepalived"
if [ ! -x configure ]; then
  # A copy of the repository lacks what releases bring along.
  command -v autoreconf >/dev/null 2>&1 || fail "$SOURCE has no configure: take a release, or install autoconf and automake"
  run autoreconf autoreconf -fi
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
set -- "$@" $ARGUMENTS
echo "configure $*"
run configure ./configure "$@"
run make make -j"$JOBS"
run "make install" make install "DESTDIR=$root"
"$root$DIRECTORY/sbin/keepalived" --version 2>&1 | grep -qF " v$VERSION" ||
  fail "the program that was built is not keepalived $VERSION"

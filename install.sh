#!/bin/sh
# Installs samocode for one person, updates it, or removes it; --help says more. It needs no rights but that person's.
#
# Everything stands in functions and the last line calls them: a script that was cut off on its way does nothing.

# shellcheck disable=SC2317 # functions called by each and trap count as unreachable
main() {
  set -u
  LC_ALL=C # the patterns below mean ASCII
  export LC_ALL
  newline='
'
  temp='' suffix='' made='' # what clean_up removes
  trap clean_up EXIT
  trap 'stopped 129' HUP
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  read_arguments "$@"
  case $action in
    help) help ;;
    install) find_prefix && install ;;
    uninstall) find_prefix && uninstall ;;
  esac
}

help() {
  cat <<'END'
Installs samocode, or updates it: run it again for the newest version.

  curl -fsSL https://github.com/samocode/samocode/releases/latest/download/install.sh | sh
  curl -fsSL https://github.com/samocode/samocode/releases/latest/download/install.sh | sh -s -- --version 0.1.0

  --version VERSION  that version instead of the newest
  --modify-path      add the bin folder to PATH in your shell's startup file, by one marked line
  --force            install again what is there, replace a file that is not samocode's, remove a file that was changed
  --uninstall        remove what was installed
  --help             this text

Variables:

  SAMOCODE_INSTALL   the folder that gets bin/ and share/; ~/.local without it
  SAMOCODE_VERSION   like --version
  SAMOCODE_RELEASES  a mirror: an https:// address, http:// on this machine, or file:// and an absolute path.
                     Beneath it lie latest/download/ and download/v0.1.0/, as on GitHub
END
}

read_arguments() {
  action=install force=no modify_path=no
  wanted=${SAMOCODE_VERSION:-}
  releases=${SAMOCODE_RELEASES:-https://github.com/samocode/samocode/releases}
  releases=${releases%/}
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) action=help ;;
      --uninstall) action=uninstall ;;
      --force) force=yes ;;
      --modify-path) modify_path=yes ;;
      --version=*) wanted=${1#*=} ;;
      --version)
        [ $# -ge 2 ] || fail 'Cannot read the arguments: --version has no version behind it' 'Write --version 0.1.0'
        shift
        wanted=$1
        ;;
      *) fail "Cannot read the arguments: there is no $(printable "$1")" '--help shows what there is' ;;
    esac
    shift
  done
  wanted=${wanted#v}
  [ -z "$wanted" ] || is_version "$wanted" ||
    fail "Cannot look for version $(printable "$wanted"): that is no version" 'Write it like 0.1.0'
}

find_prefix() {
  prefix=${SAMOCODE_INSTALL:-}
  if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || fail 'Cannot find your home folder: HOME is not set' \
      'Set SAMOCODE_INSTALL to the folder that shall get bin/ and share/'
    prefix=${HOME%/}/.local
  fi
  case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
  esac
  prefix=${prefix%/}
  # A PATH cannot hold the one, and the list of what was installed not the other.
  case $prefix in
    *:* | *"$newline"*) fail "Cannot install to $(printable "$prefix"): a colon or a line break is in its name" \
      'Set SAMOCODE_INSTALL to another folder' ;;
  esac
  if [ "$modify_path" = yes ] && [ -z "${HOME:-}" ]; then
    fail "Cannot find your shell's startup file: HOME is not set" 'Leave --modify-path away'
  fi
  bin=$prefix/bin
  record=$prefix/share/samocode/installed
  find_summer
}

# each FUNCTION: calls it with every member of the archive that is installed and its place; the program comes last,
# so that it changes when everything around it is ready.
each() {
  "$1" samocode.1 share/man/man1/samocode.1 &&
    "$1" completions/samocode.bash share/bash-completion/completions/samocode &&
    "$1" completions/_samocode share/zsh/site-functions/_samocode &&
    "$1" completions/samocode.fish share/fish/vendor_completions.d/samocode.fish &&
    "$1" samocode bin/samocode
}

install() {
  find_platform
  archive=samocode-$platform.tar.gz
  command -v tar >/dev/null || fail 'Cannot unpack an archive: there is no tar' 'Install tar, then run this again'
  find_fetcher
  each refuse_foreign
  old=$(version_of "$bin/samocode" 2>/dev/null) || old=''
  make_temp
  fetch SHA256SUMS
  find_sum
  if [ "$force" = no ] && is_current; then
    already
    return
  fi
  say "Downloading $(shown "$(address "$archive")")"
  fetch "$archive"
  check_sum
  refuse_unsafe_names
  each stage
  check_program
  if [ "$force" = no ] && [ "$new" = "$old" ]; then
    already
    return
  fi
  write_record
  commit
  if [ -z "$old" ]; then
    say "Installed samocode $new to $bin/samocode"
  elif [ "$new" = "$old" ]; then
    say "Installed samocode $new again, to $bin/samocode"
  else
    say "Updated samocode from $old to $new in $bin"
  fi
  care_for_path
  say 'Next: samocode demo plays a session without a model, samocode init sets a repository up'
}

already() {
  if [ -n "$wanted" ]; then
    say "samocode $old is already in $bin: nothing to do"
  else
    say "samocode $old in $bin is already the newest version: nothing to do"
  fi
  care_for_path
}

find_platform() {
  kernel=$(uname -s 2>/dev/null) || kernel=unknown
  machine=$(uname -m 2>/dev/null) || machine=unknown
  case $machine in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) cpu='' ;;
  esac
  case $kernel in
    Linux)
      refuse_musl
      # A 64-bit kernel may carry a 32-bit system, as on a Raspberry Pi.
      [ "$(getconf LONG_BIT 2>/dev/null)" != 32 ] || cpu=''
      platform=linux-$cpu
      ;;
    Darwin)
      # Rosetta makes uname say x86_64 on an Apple processor.
      [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" != 1 ] || cpu=arm64
      platform=macos-$cpu
      ;;
    MINGW* | MSYS* | CYGWIN*)
      fail 'Cannot install on Windows: this script is for Linux and macOS' \
        "Run npm install -g samocode, or unpack samocode-windows-x64.tar.gz from $(shown "$releases/latest")"
      ;;
    *) cpu='' ;;
  esac
  [ -n "$cpu" ] || fail "Cannot install on $(printable "$kernel $machine"): no program is made for it" \
    'There is one for linux-x64, linux-arm64, macos-x64, macos-arm64, windows-x64; elsewhere run the source with Deno'
}

# glibc's own getconf knows; a Debian may well have musl beside it.
refuse_musl() {
  ! getconf GNU_LIBC_VERSION >/dev/null 2>&1 || return 0
  case $(ldd --version 2>&1) in
    *musl*) ;;
    *) return 0 ;;
  esac
  fail 'Cannot install on this Linux: its C library is musl, and the program needs glibc' \
    'Use a system or container with glibc, such as Debian, Ubuntu or Fedora; or run the source with your own Deno'
}

find_summer() {
  for summer in sha256sum shasum openssl; do
    ! command -v "$summer" >/dev/null || return 0
  done
  fail 'Cannot check a SHA-256 sum: there is no sha256sum, shasum or openssl' 'Install one of them, then run this again'
}

# Read from standard input, because sha256sum marks the sum of a file with an odd name.
sum_of() {
  case $summer in
    sha256sum) line=$(sha256sum <"$1") ;;
    shasum) line=$(shasum -a 256 <"$1") ;;
    openssl) line=$(openssl dgst -sha256 -r <"$1") ;;
  esac || return 1
  printf '%s\n' "${line%% *}"
}

# Without a checked connection the sums would prove nothing, because they come the same way as the archive.
find_fetcher() {
  protocol='=https'
  case $releases in
    https://*) ;;
    http://*@*) protocol='' ;;
    http://127.0.0.1[:/]* | http://localhost[:/]* | http://\[::1\][:/]*) protocol='=http' ;;
    file:///*)
      fetcher='cp'
      return
      ;;
    *) protocol='' ;;
  esac
  [ -n "$protocol" ] ||
    fail "Cannot download from $(shown "$releases"): it is neither an https:// address nor a place on this machine" \
      'Set SAMOCODE_RELEASES to an https:// address, or to file:// and an absolute path'
  if command -v curl >/dev/null; then
    fetcher=curl
    return
  fi
  command -v wget >/dev/null ||
    fail 'Cannot download: there is neither curl nor wget' 'Install curl, then run this again'
  fetcher=wget
  case $protocol$(wget --help 2>&1) in
    =https*BusyBox*) fail 'Cannot download: there is no curl, and the wget of BusyBox does not check certificates' \
      'Install curl, then run this again' ;;
  esac
}

make_temp() {
  temp=$(mktemp -d "${TMPDIR:-/tmp}/samocode.XXXXXX" 2>/dev/null) || temp=''
  [ -n "$temp" ] || fail "Cannot make a temporary folder in ${TMPDIR:-/tmp}" \
    'Set TMPDIR to a folder in which you may write'
  suffix=.${temp##*/}
}

address() {
  if [ -n "$wanted" ]; then
    printf '%s\n' "$releases/download/v$wanted/$1"
  else
    printf '%s\n' "$releases/latest/download/$1"
  fi
}

# fetch FILE: brings a file of the release into the temporary folder. A redirect is safe with wget, too, which cannot be
# told to stay with https: it comes over a checked connection, from the home of the releases. Here and below, a
# subshell is what is redirected: the words of a trap would else go where its output goes.
fetch() {
  url=$(address "$1")
  (
    case $fetcher$protocol in
      cp*) cp "${url#file://}" "$temp/$1" ;;
      curl*) curl -fsSL --proto "$protocol" --tlsv1.2 --connect-timeout 30 --speed-limit 1 --speed-time 60 --retry 2 \
        -o "$temp/$1" "$url" ;;
      wget=https) wget -nv -T 60 --secure-protocol=TLSv1_2 -O "$temp/$1" "$url" ;;
      wget*) wget -T 60 -O "$temp/$1" "$url" ;;
    esac
  ) </dev/null >/dev/null 2>"$temp/said" || {
    hint='Look at the address, the connection and the room on the disk, then run this again'
    [ -z "$wanted" ] || hint="Is there a version $wanted? $(shown "$releases") has all of them"
    fail "Cannot download $(shown "$url"): $(said)" "$hint"
  }
}

# The sum that the release names for the archive: one line, 64 hexadecimal digits.
find_sum() {
  sum=''
  while read -r digits name || [ -n "$digits" ]; do
    [ "${name#\*}" = "$archive" ] || continue
    [ -z "$sum" ] || fail "Cannot trust $(shown "$(address SHA256SUMS)"): it has two sums for $archive" \
      'Nothing was changed; tell the makers of the release'
    sum=$digits
  done <"$temp/SHA256SUMS"
  case $sum in
    *[!0-9a-fA-F]*) sum='' ;;
  esac
  [ ${#sum} -eq 64 ] ||
    fail "Cannot check $archive: $(shown "$(address SHA256SUMS)") has no sum for it$(if_page SHA256SUMS)" \
      'Nothing was changed; look at the address, or tell the makers of the release'
  sum=$(printf '%s\n' "$sum" | tr ABCDEF abcdef)
}

check_sum() {
  found=$(sum_of "$temp/$archive") || found='nothing'
  [ "$found" = "$sum" ] || fail "Cannot trust $archive: its SHA-256 sum is $found, not $sum$(if_page "$archive")" \
    'Nothing was changed; run this again, and if it stays so, tell the makers of the release'
}

if_page() {
  case $(head -c 512 "$temp/$1" | tr -d '\000' | tr '[:upper:]' '[:lower:]') in
    *'<html'* | *'<!doctype'*) printf '%s' '; a web page came instead, as a proxy or a login page sends it' ;;
  esac
}

# Nothing is unpacked under a name that the archive gives; an archive with such names is not ours all the same.
refuse_unsafe_names() {
  tar -tzf "$temp/$archive" </dev/null >"$temp/names" 2>"$temp/said" ||
    fail "Cannot read $archive: $(said)" 'Nothing was changed; tell the makers of the release'
  while read -r name || [ -n "$name" ]; do
    case /$name/ in
      //* | */../*) fail "Cannot trust $archive: it has a member $(printable "$name")" \
        'Nothing was changed; tell the makers of the release' ;;
    esac
  done <"$temp/names"
}

# stage MEMBER PLACE: unpacks a member beside its place. It is done for all of them before the first is renamed, so that
# a full disk changes nothing.
stage() {
  make_folder "$prefix/${2%/*}"
  case $2 in
    bin/*) mode=755 ;;
    *) mode=644 ;;
  esac
  (
    tar -xzOf "$temp/$archive" "$1" </dev/null >"$prefix/$2$suffix" && chmod "$mode" "$prefix/$2$suffix"
  ) 2>"$temp/said" ||
    fail "Cannot unpack $1 to $prefix/${2%/*}: $(said)" \
      'Nothing was changed; make room there, or set SAMOCODE_INSTALL to another folder'
}

# make_folder FOLDER: makes it and what is missing above it, and remembers each, the deepest first.
make_folder() {
  [ ! -d "$1/" ] || return 0
  [ "${1%/*}" = '' ] || make_folder "${1%/*}"
  mkdir "$1" 2>"$temp/said" || fail "Cannot make the folder $1: $(said)" \
    'Nothing was changed; set SAMOCODE_INSTALL to a folder in which you may write'
  made=$1$newline$made
}

# The program is run where it will lie: many a system runs nothing from its temporary folder.
check_program() {
  new=$(version_of "$bin/samocode$suffix" 2>"$temp/said") || fail "Cannot run the new program: $(said)" \
    "Nothing was changed; does $platform fit this machine, and may programs run from $bin?"
  [ -z "$wanted" ] || [ "$new" = "$wanted" ] ||
    fail "Cannot install version $wanted: the program in the archive is $new" \
      'Nothing was changed; tell the makers of the release'
}

# version_of PROGRAM: "samocode 0.1.0", and perhaps more behind it.
version_of() {
  if [ ! -f "$1" ] || [ ! -x "$1" ]; then return 1; fi
  answer=$("$1" --version </dev/null) || return 1
  answer=${answer%%"$newline"*}
  case $answer in
    'samocode '*) ;;
    *)
      printf 'it answers "%s"\n' "$(printable "$answer")" >&2
      return 1
      ;;
  esac
  answer=${answer#samocode }
  answer=${answer%% *}
  is_version "$answer" || return 1
  printf '%s\n' "$answer"
}

is_version() {
  case $1 in
    *[!0-9A-Za-z.+-]*) return 1 ;;
    [0-9]*.[0-9]*.[0-9]*) return 0 ;;
    *) return 1 ;;
  esac
}

# refuse_foreign MEMBER PLACE: what lies there must be samocode's, unless it is to be replaced by force.
refuse_foreign() {
  target=$prefix/$2
  [ -L "$target" ] || [ -e "$target" ] || return 0
  if [ ! -L "$target" ] && [ ! -f "$target" ]; then
    fail "Cannot install $target: something that is no file lies there" 'Move it away, then run this again'
  fi
  [ "$force" = no ] || return 0
  [ ! -L "$target" ] || fail "Cannot replace $target: it is a symbolic link, which this script did not make" \
    'Remove it with what made it, such as npm uninstall -g samocode, or add --force to replace it'
  is_ours "$1" "$2" || fail "Cannot replace $target: it is not samocode's" 'Move it away, or add --force to replace it'
}

is_ours() {
  ! is_as_recorded "$2" || return 0
  case $1 in
    samocode) version_of "$prefix/$2" >/dev/null 2>&1 ;;
    *) grep -q samocode "$prefix/$2" ;;
  esac
}

is_as_recorded() {
  known=$(recorded file "$1") && [ "$(sum_of "$prefix/$1")" = "$known" ]
}

# recorded KIND PLACE: what the list of what was installed says of it.
recorded() {
  [ -f "$record" ] || return 1
  while read -r kind value place; do
    if [ "$kind $place" = "$1 $2" ]; then
      printf '%s\n' "$value"
      return 0
    fi
  done <"$record"
  return 1
}

is_current() {
  [ -n "$old" ] && [ "$(recorded archive "$archive")" = "$sum" ] && is_as_recorded bin/samocode
}

write_record() {
  make_folder "${record%/*}"
  (
    {
      printf '%s\n' '# What install.sh put here; it reads this for updates and for --uninstall.' &&
        printf 'version %s -\n' "$new" &&
        printf 'archive %s %s\n' "$sum" "$archive" &&
        each record_file &&
        folders | while read -r folder; do printf 'folder - %s\n' "$folder"; done
    } >"$record$suffix"
  ) 2>"$temp/said" || fail "Cannot write $record: $(said)" 'Nothing was changed; make room there, then run this again'
}

record_file() {
  digits=$(sum_of "$prefix/$2$suffix") && printf 'file %s %s\n' "$digits" "$2"
}

# The folders that this run and those before it made, the deepest first.
folders() {
  printf '%s' "$made"
  [ -f "$record" ] || return 0
  while read -r kind value place; do
    [ "$kind" != folder ] || printf '%s\n' "$place"
  done <"$record"
}

# Renames, which leave a running program its file; a signal waits until all is done.
commit() {
  trap '' HUP INT TERM
  each put_in_place
  mv -f "$record$suffix" "$record" || fail "Cannot write $record" 'Run this again with --force'
  made=''
}

put_in_place() {
  # mv would follow a link to a folder.
  [ ! -L "$prefix/$2" ] || rm -f "$prefix/$2"
  mv -f "$prefix/$2$suffix" "$prefix/$2" ||
    fail "Cannot replace $prefix/$2" 'Mend what stands above, then run this again with --force'
}

care_for_path() {
  case :${PATH:-}: in
    *:"$bin":*)
      first=$(command -v samocode) || first=$bin/samocode
      [ "$first" = "$bin/samocode" ] || say "Another samocode comes first on your PATH: $first"
      return
      ;;
  esac
  find_startup_file
  if [ "$modify_path" = no ]; then
    say "$bin is not on your PATH. Add this line to $startup, or run this again with --modify-path:"
    say "  $path_line"
    return
  fi
  marked="$path_line # added by samocode's install.sh"
  if [ -f "$startup" ] && grep -qxF "$marked" "$startup"; then
    say "$startup already puts $bin on your PATH: open a new terminal"
    return
  fi
  add_line || fail "Cannot write $startup: $bin/samocode is installed, but not on your PATH" "Add there: $path_line"
  say "Added $bin to your PATH in $startup: open a new terminal"
}

# The line says the folder's name literally, whatever is in it.
find_startup_file() {
  home=${HOME:-\~}
  quoted=$(printf '%s\n' "$bin" | sed 's/[\\"$`]/\\&/g')
  path_line="export PATH=\"$quoted:\$PATH\""
  case ${SHELL:-} in
    */zsh) startup=${ZDOTDIR:-$home}/.zshrc ;;
    */bash)
      startup=$home/.bashrc
      # macOS opens every terminal with a login shell, which does not read .bashrc.
      [ "$kernel" != Darwin ] || startup=$home/.bash_profile
      ;;
    */fish)
      startup=${XDG_CONFIG_HOME:-$home/.config}/fish/config.fish
      path_line="fish_add_path \"$(printf '%s\n' "$bin" | sed 's/[\\"$]/\\&/g')\""
      ;;
    *) startup=$home/.profile ;;
  esac
}

add_line() {
  mkdir -p "${startup%/*}" || return 1
  if [ -s "$startup" ] && [ -n "$(tail -c 1 "$startup")" ]; then
    printf '\n' >>"$startup" || return 1
  fi
  printf '%s\n' "$marked" >>"$startup"
}

uninstall() {
  [ -f "$record" ] ||
    fail "Cannot remove samocode from $prefix: $record, the list of what was installed, is not there" \
      'Nothing was removed; if SAMOCODE_INSTALL was set when you installed, set it again'
  old=$(recorded version -) || old=''
  is_version "$old" || old=''
  kept=no
  trap '' HUP INT TERM
  each remove
  [ "$kept" = no ] || fail 'Cannot remove everything: what is named above has changed since it was installed' \
    'Add --force to remove that, too'
  made=$(folders)
  rm -f "$record" || fail "Cannot remove $record" 'Mend what stands above, then run this again'
  remove_folders
  say "Removed samocode${old:+ $old} from $prefix; a line that --modify-path added to your startup file can go, too"
}

remove() {
  target=$prefix/$2
  [ -L "$target" ] || [ -e "$target" ] || return 0
  if [ "$force" = no ] && { [ -L "$target" ] || ! is_as_recorded "$2"; }; then
    kept=yes
    printf '%s\n' "Left $target" >&2
    return
  fi
  rm -f "$target" || fail "Cannot remove $target" 'Mend what stands above, then run this again'
}

# Only those that are empty go: rmdir sees to that.
remove_folders() {
  printf '%s\n' "$made" | while read -r folder; do
    [ -z "$folder" ] || rmdir "$folder" 2>/dev/null
  done
}

clean_up() {
  trap '' HUP INT TERM
  [ -n "$temp" ] || return 0
  each unstage
  rm -f "$record$suffix"
  remove_folders
  rm -rf "$temp"
}

unstage() {
  rm -f "$prefix/$2$suffix"
}

stopped() {
  printf '%s\n' 'Stopped: nothing was changed' >&2
  exit "$1"
}

say() {
  printf '%s\n' "$1"
}

# fail WHAT WAY_OUT
fail() {
  printf '%s\n  %s\n' "$1" "$2" >&2
  exit 1
}

# The last thing that the last command said, harmless for a terminal.
said() {
  last=$(tail -n 1 "$temp/said" 2>/dev/null)
  printable "${last:-no reason given}"
}

printable() {
  printf '%s\n' "$1" | tr -d '\000-\011\013-\037\177' | head -n 1
}

# An address may carry a password.
shown() {
  printable "$1" | sed 's|//[^/@]*@|//|'
}

{ main "$@"; exit; }

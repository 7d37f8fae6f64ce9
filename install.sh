#!/bin/sh
# Installs samocode without Node; with Node, use npm install -g samocode. Both give the same binary.
# Everything is in functions that the last line calls: a script cut off in transit does nothing.

usage() {
  cat <<'END'
Installs or updates samocode: curl -fsSL https://github.com/samocode/samocode/releases/latest/download/install.sh | sh
Options go after sh -s --

  --version X.Y.Z  install this version instead of the latest
  --uninstall      remove samocode
  --help           show this text

  SAMOCODE_INSTALL_DIR  folder for the binary (default: ~/.local/bin)
  SAMOCODE_RELEASES     mirror of https://github.com/samocode/samocode/releases, at https:// or file:///
END
}

main() {
  set -u
  export LC_ALL=C
  version='' action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h)
        usage
        return
        ;;
      --uninstall) action=uninstall ;;
      --version)
        version=${2-}
        version=${version#v}
        case $version in
          '' | [!0-9]* | *[!0-9A-Za-z.+-]*) fail 'Invalid or missing --version' 'Use one such as 0.1.0' ;;
        esac
        shift
        ;;
      *) fail "Unknown argument: $1" 'Use --help to list the options' ;;
    esac
    shift
  done
  find_target
  if [ $action = install ]; then install; else uninstall; fi
}

# shellcheck disable=SC2016 # the hints show $(…) and $PATH as they are typed
install() {
  find_platform
  releases=${SAMOCODE_RELEASES:-https://github.com/samocode/samocode/releases}
  # The checksums come from the same server, so they are worth no more than the connection.
  case $releases in
    *@*) fail 'Invalid SAMOCODE_RELEASES: it contains a user name' 'Use an https:// address without one' ;;
    https://* | file:///* | http://127.0.0.1[:/]* | http://localhost[:/]*) ;;
    *) fail "Invalid SAMOCODE_RELEASES: $releases" 'Use an https:// or file:/// address' ;;
  esac
  for tool in curl tar gzip mktemp; do
    command -v "$tool" >/dev/null || fail "Cannot find $tool" "Install $tool, then run this again"
  done
  summer='shasum -a 256'
  ! command -v sha256sum >/dev/null || summer=sha256sum

  # Work beside the target so that the final rename is atomic; clean_up removes what was made, folders included.
  temp='' existing=$folder
  while [ ! -d "$existing/" ]; do existing=${existing%/*}; done
  trap clean_up EXIT
  trap 'exit 130' HUP INT TERM
  { mkdir -p "$folder" && temp=$(mktemp -d "$folder/.samocode.XXXXXX"); } ||
    fail "Cannot write to $folder" 'Set SAMOCODE_INSTALL_DIR to a folder you can write to'
  archive=samocode-$platform.tar.gz
  fetch SHA256SUMS
  fetch "$archive"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$temp/SHA256SUMS")
  actual=$($summer <"$temp/$archive") || fail 'Cannot compute a SHA-256 checksum' 'Install sha256sum or shasum'
  [ "${actual%% *}" = "$expected" ] || fail "Checksum mismatch: $archive" 'Try again; if it persists, report it'
  # Extract a single member to stdout: no name or link in the archive reaches the disk.
  binary=$temp/samocode
  { tar -xzOf "$temp/$archive" "samocode-$platform/bin/samocode" >"$binary" && chmod 755 "$binary"; } ||
    fail "Cannot unpack $archive" 'Check the free disk space, then run this again'
  new=$(version_of "$binary") ||
    fail 'Cannot run the downloaded binary; nothing was changed' "Check that $folder is not mounted noexec"
  [ "$new" = "${version:-$new}" ] || fail "Wrong version in $archive: $new instead of $version" 'Please report this'
  mv -f "$binary" "$target" || fail "Cannot replace $target" 'Check its permissions'

  printf 'Installed samocode %s to %s\n' "$new" "$target"
  case $(command -v samocode) in
    "$target") ;;
    '') printf 'Add it to your PATH: export PATH="%s:$PATH"\n' "$folder" ;;
    *) printf 'Another samocode comes first on your PATH: %s\n' "$(command -v samocode)" ;;
  esac
  printf '%s\n' 'For shell completion: eval "$(samocode completions bash)"' 'Next: samocode demo'
}

uninstall() {
  [ -f "$target" ] || fail "Cannot find $target" 'Set SAMOCODE_INSTALL_DIR if samocode is installed elsewhere'
  rm -f "$target" || fail "Cannot remove $target" 'Check its permissions'
  printf 'Removed %s\n' "$target"
}

# Finds the file to install or remove; never touches one that is not samocode's, such as a link made by npm.
find_target() {
  folder=${SAMOCODE_INSTALL_DIR:-${HOME:?not set; set SAMOCODE_INSTALL_DIR}/.local/bin}
  case $folder in
    *:*) fail "Cannot install to $folder: PATH cannot hold a colon" 'Set SAMOCODE_INSTALL_DIR to another folder' ;;
    /*) ;;
    *) folder=$PWD/$folder ;;
  esac
  folder=${folder%/}
  target=$folder/samocode
  [ -e "$target" ] || [ -L "$target" ] || return 0
  { [ ! -L "$target" ] && [ -f "$target" ] && version_of "$target" >/dev/null 2>&1; } ||
    fail "Cannot $action $target: something else put it there" 'Move it away, or run npm uninstall -g samocode'
}

find_platform() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) platform=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
    Darwin-x86_64) platform=macos-x64 ;;
    Darwin-arm64) platform=macos-arm64 ;;
    *) platform='' ;;
  esac
  # A 64-bit kernel can run a 32-bit system; under Rosetta, uname reports Intel on Apple silicon.
  case $(getconf LONG_BIT 2>/dev/null)-$(ldd --version 2>&1) in 32-* | *musl*) platform='' ;; esac
  [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" != 1 ] || platform=macos-arm64
  [ -n "$platform" ] || fail "No binary for this system: $(uname -s) $(uname -m)" \
    'Supported: Linux (x64, arm64) with glibc, macOS (x64, arm64); on Windows use npm install -g samocode'
}

fetch() {
  url=$releases/latest/download/$1
  [ -z "$version" ] || url=$releases/download/v$version/$1
  curl -fsSL --proto "=${releases%%:*}" --tlsv1.2 --retry 2 --connect-timeout 30 --speed-limit 1 --speed-time 60 \
    -o "$temp/$1" "$url" </dev/null || fail "Cannot download $url" 'Check the version and the connection'
}

# version_of BINARY: its version, if it answers --version as samocode does.
version_of() {
  answer=$("$1" --version </dev/null) || return 1
  case $answer in 'samocode '[0-9]*) ;; *) return 1 ;; esac
  answer=${answer#samocode }
  printf '%s\n' "${answer%%[!0-9A-Za-z.+-]*}"
}

# shellcheck disable=SC2317 # called by trap
clean_up() {
  [ -z "$temp" ] || rm -rf "$temp"
  [ "$existing" = "$folder" ] || (cd "$existing/" && rmdir -p "${folder#"$existing"/}") 2>/dev/null
}

# fail WHAT HINT: control characters never reach the terminal.
fail() {
  printf '%s\n  %s\n' "$1" "$2" | tr -d '\000-\011\013-\037\177' >&2
  exit 1
}

{ main "$@"; exit; }

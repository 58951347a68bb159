# What both scripts for Linux begin with: saying, failing, and holding parameters to what they may be.
# The document carries it in the place of the line `# include shared.sh`.
say() { printf '%s\n' "$*"; }
fail() {
  code=$1
  shift
  printf 'failed: %s\n' "$*" >&2
  exit "$code"
}
need() { command -v "$1" >/dev/null 2>&1 || fail 66 "$1 is not installed on this host"; }

# Braces that nobody replaced: nothing was given.
given() { case $1 in '{'*) ;; *) printf '%s' "$1" ;; esac; }
checked() {
  case $2 in
    -* | *[!A-Za-z0-9_.:@/-]*) fail 64 "parameter $1 holds characters that are not allowed" ;;
  esac
}
number() {
  case $2 in
    '' | 0* | *[!0-9]* | ??????*) fail 64 "parameter $1 must be a whole number from 1 to $3" ;;
  esac
  [ "$2" -le "$3" ] || fail 64 "parameter $1 must be a whole number from 1 to $3"
}
absolute() { case $2 in /*) ;; *) fail 64 "$1 must be an absolute path" ;; esac; }

#!/bin/sh
# Lamplighter-ConfigurationLinux: keeps the configuration of a service safe around a restart, and says what it did.
# `backup` copies a file or folder aside, `validate` asks a script of yours whether it may be started with, `restore`
# puts the copy back. Running any of them twice does no harm: it leaves what once does.
#
# Exit codes (as in restart-linux.sh):
#   0   it is done
#   64  the parameters are wrong; nothing was touched
#   65  the path, a copy of it or the script is not on this host; nothing was touched
#   66  a tool that this needs is not on this host; nothing was touched
#   67  it must not be kept: a link, or more than 100 MB; nothing was touched
#   68  the copy could not be made or put back, or the script says no
#   69  the script did not end in time
set -u

# As in restart-linux.sh: from the environment by newer agents, put in here by older ones.
action=${SSM_action-'{{ action }}'}
path=${SSM_path-'{{ path }}'}
checkScript=${SSM_checkScript-'{{ checkScript }}'}
checkTimeoutSeconds=${SSM_checkTimeoutSeconds-'{{ checkTimeoutSeconds }}'}
restartId=${SSM_restartId-'{{ restartId }}'}

# include shared.sh

# --- copies: <folder>/<number>/content, with an empty file for-<restart> for every restart that it belongs to ----------

copies_of_path() {
  folder=${LAMPLIGHTER_BACKUP_DIR:-/var/lib/lamplighter/backup}
  # No path holds an @, so no two paths share a name.
  copies=$folder/$(printf '%s' "${path#/}" | tr / @)
}
newest() {
  found=''
  for one in "$copies"/[0-9]*; do
    if [ -d "$one" ]; then found=$one; fi
  done
  printf '%s' "$found"
}
# The first that was made for this restart: what a later one would hold may have been changed by then.
own_copy() {
  [ -n "$restartId" ] || return 0
  for one in "$copies"/[0-9]*; do
    if [ -e "$one/for-$restartId" ]; then
      printf '%s' "$one"
      return
    fi
  done
}
number_after() {
  number=${1##*/}
  number=$((1${number:-00000000} + 1))
  printf '%s' "${number#1}"
}
# The last three stay.
drop_old() {
  count=0
  for one in "$copies"/[0-9]*; do count=$((count + 1)); done
  for one in "$copies"/[0-9]*; do
    if [ "$count" -gt 3 ]; then rm -rf -- "$one"; fi
    count=$((count - 1))
  done
}

# Contents, owners and modes. What it cannot tell apart for sure it calls different, which costs a copy and no more.
is_same() {
  diff -rq -- "$1" "$2" >/dev/null 2>&1 && [ "$(rights_of "$1")" = "$(rights_of "$2")" ]
}
rights_of() {
  # shellcheck disable=SC2012 # names are held against each other by diff; find -printf is not on every host
  ls -lAnR -- "$1" | awk 'NF > 7 { print $1, $3, $4, $1 ~ /^l/ ? $NF : "" }'
}

# --- what can be done ----------------------------------------------------------------------------------------------

backup() {
  [ -e "$path" ] || fail 65 "$path is not on this host"
  kept=$(own_copy)
  if [ -n "$kept" ]; then
    say "kept already: $path, for this restart, in $kept"
    return
  fi
  [ "$(du -sk -- "$path" | cut -f 1)" -le 102400 ] || fail 67 "$path holds more than 100 MB, which is no configuration"
  mkdir -p -- "$copies" || fail 68 "there can be no copies in $copies"
  last=$(newest)
  if [ -n "$last" ] && is_same "$path" "$last/content"; then
    if [ -n "$restartId" ]; then : >"$last/for-$restartId" || fail 68 "cannot write to $last"; fi
    say "kept already: $path, unchanged, in $last"
    return
  fi
  # Only a whole copy ever bears a number.
  part=$(mktemp -d "$copies/.part-XXXXXX") || fail 68 "there can be no copies in $copies"
  if cp -a -- "$path" "$part/content" && { [ -z "$restartId" ] || : >"$part/for-$restartId"; }; then
    kept=$copies/$(number_after "$last")
    # mv refuses to go over a folder that is not empty: then somebody was faster, and has this number.
    until mv -T -- "$part" "$kept" 2>/dev/null; do
      [ -e "$kept" ] || fail 68 "$part could not become $kept"
      kept=$copies/$(number_after "$kept")
    done
    drop_old
    say "kept: $path in $kept"
    return
  fi
  rm -rf -- "$part"
  fail 68 "$path could not be copied to $copies"
}

restore() {
  from=$(own_copy)
  from=${from:-$(newest)}
  [ -n "$from" ] || fail 65 "there is no copy of $path on this host"
  if is_same "$path" "$from/content"; then
    say "restored already: $path is as in $from"
    return
  fi
  # Beside the path, so that putting it there is a rename.
  aside=$(mktemp -d "$(dirname "$path")/.lamplighter-XXXXXX") || fail 68 "cannot write beside $path"
  if ! cp -a -- "$from/content" "$aside/new"; then
    rm -rf -- "$aside"
    fail 68 "$from could not be copied back; $path was not touched"
  fi
  if [ -f "$path" ] && [ -f "$aside/new" ]; then
    cp -a -- "$path" "$aside/old"
  elif [ -e "$path" ]; then
    # A folder cannot be renamed over: for a moment there is none.
    mv -T -- "$path" "$aside/old" || { rm -rf -- "$aside" && fail 68 "$path could not be moved aside"; }
  fi
  if ! mv -fT -- "$aside/new" "$path"; then
    [ -e "$path" ] || mv -T -- "$aside/old" "$path" || fail 68 "$path is now in $aside/old, and nothing in its place"
    rm -rf -- "$aside"
    fail 68 "$from could not be put in the place of $path"
  fi
  say "restored: $path from $from"
  keep_replaced
}
# What was replaced is what the restart failed with: for people to look at. Only the last one.
keep_replaced() {
  if [ -e "$aside/old" ]; then
    rm -rf -- "$copies/replaced"
    if mv -T -- "$aside/old" "$copies/replaced"; then say "what was there before is in $copies/replaced"; fi
  fi
  rm -rf -- "$aside"
}

validate() {
  if [ ! -f "$checkScript" ] || [ ! -x "$checkScript" ]; then fail 65 "$checkScript is no executable file on this host"; fi
  need timeout
  log=$(mktemp) || fail 68 'no folder for a log file'
  unset SSM_action SSM_path SSM_checkScript SSM_checkTimeoutSeconds SSM_restartId
  timeout -k 5 "$checkTimeoutSeconds" "$checkScript" ${path:+"$path"} >"$log" 2>&1 </dev/null
  code=$?
  tail -n 20 "$log" | cut -c 1-200
  rm -f -- "$log"
  case $code in
    0) say "valid: says $checkScript" ;;
    124 | 137) fail 69 "$checkScript did not end within $checkTimeoutSeconds s" ;;
    *) fail 68 "$checkScript says that the configuration is not valid, by exit code $code" ;;
  esac
}

# --- what is asked for ---------------------------------------------------------------------------------------------

action=$(given "$action") path=$(given "$path") checkScript=$(given "$checkScript") restartId=$(given "$restartId")
checked action "$action"
checked path "$path"
checked checkScript "$checkScript"
checked restartId "$restartId"
number checkTimeoutSeconds "$checkTimeoutSeconds" 3600
case $restartId in */* | .*) fail 64 'restartId is no name' ;; esac
if [ -n "$path" ]; then
  absolute path "$path"
  case $path in */../* | */.. | */) fail 64 'path must lead straight to a file or folder' ;; esac
  [ "${#path}" -le 200 ] || fail 64 'path must have at most 200 characters'
fi

case $action in
  validate)
    absolute checkScript "$checkScript"
    validate
    ;;
  backup | restore)
    [ -n "$path" ] || fail 64 "$action needs path"
    [ -z "$checkScript" ] || fail 64 "checkScript is for validate, not for $action"
    need diff
    # Renaming would put a file in the place of the link, and another path would still lead to the old one.
    if [ -L "$path" ]; then fail 67 "$path is a link; name what it leads to"; fi
    umask 077
    copies_of_path
    "$action"
    ;;
  *) fail 64 'action must be backup, validate or restore' ;;
esac

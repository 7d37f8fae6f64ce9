#!/bin/sh
# tally: how often does each word occur?
# Usage: sh tally.sh [FILE ...]
# Reads standard input if no FILE is given.
set -eu
LC_ALL=C
export LC_ALL

# One word per line, in lower case.
words() {
  cat -- "$@" | tr '[:upper:]' '[:lower:]' | tr -cs "[:alnum:]'" '\n' | sed '/^$/d'
}

# "3 apple", the most frequent first.
counts() {
  sort | uniq -c | sort -k1,1nr -k2,2 | awk '{ print $1, $2 }'
}

words "$@" | counts

#!/bin/bash
# The storm's agent: real commits, ticks, questions, a plan, commands, and a child that escapes. What it did it tells a
# ledger outside the session, one appended line each. All its state is on disk, so that it can be killed and run again.
set -u
phase=${2#*work of the }
phase=${phase%% phase*}
folder=${SAMOCODE_SIGNAL%/*}
while (($# > 0)); do
  [[ $1 == --append-system-prompt-file ]] && context=$2
  shift
done

tell() { printf '%s %s %s\n' "$1" "$SAMOCODE_MARKER" "$2" >>"$STORM_LEDGER"; }
# save NAME TEXT: replaces a file of the session.
save() { printf '%s' "$2" >"$folder/.$1.$$" && mv "$folder/.$1.$$" "$folder/$1"; }
pause() {
  local seconds=$STORM_PACE
  [[ $seconds == 0 ]] && return
  # Now and then an agent is still at work when the next run begins.
  ((RANDOM % 6 == 0)) && seconds=0.5
  STORM_ROLE="command" sleep "$seconds" || :
}
leave() {
  pause
  printf -- '- [%s] %s\n' "$SAMOCODE_MARKER" "$phase" >>"$folder/_overview.md"
  tell noted "$phase"
  pause
  save _signal.json "$1"
  tell signaled "$1"
  pause
  printf '{"type":"result","is_error":false,"total_cost_usd":0.01}\n'
  exit 0
}

tell started "$phase"
[[ $STORM_PACE == 0 && $phase != investigation ]] || (STORM_ROLE="escaped" setsid sleep 300 >/dev/null 2>&1 &)
printf '{"type":"system","subtype":"init","model":"scripted","claude_code_version":"0"}\n'
while read -r word; do tell heard "$word"; done < <(grep -o 'storm-note-[0-9]*' "$context")
pause
printf '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"work"}}]}}\n'
case $phase in
  investigation)
    save 01-01-0000-dive-storm.md "# Looked around"
    leave '{"status":"continue","phase":"requirements"}'
    ;;
  requirements)
    if [[ ! -e $folder/_qa.md ]]; then
      save _qa.md $'### Q1: Which?\n\nA) One\nB) Two\n\n**Suggestion:** A\n\n**Answer:** _waiting_\n'
    fi
    [[ $(<"$folder/_qa.md") == *_waiting_* ]] && leave '{"status":"waiting","for":"qa_answers"}'
    leave '{"status":"continue","phase":"planning"}'
    ;;
  planning)
    if [[ ! -e $folder/01-01-0000-plan-storm.md ]]; then
      plan=$'# Plan\n\n'
      for ((step = 1; step <= STORM_STEPS; step++)); do plan+="- [ ] Step $step"$'\n'; done
      save 01-01-0000-plan-storm.md "$plan"
    fi
    leave '{"status":"waiting","for":"plan_approval"}'
    ;;
  implementation)
    plan=$(<"$folder/01-01-0000-plan-storm.md")
    if [[ $plan =~ \[' '\]' Step '([0-9]+) ]]; then
      step=${BASH_REMATCH[1]}
      # What a git that was killed leaves; the context names these locks to a real agent.
      here=$(git rev-parse --git-dir) && shared=$(git rev-parse --git-common-dir) || exit 1
      rm -f "$here"/{index,HEAD}.lock "$shared/refs/heads/storm.lock"
      if ! git log --format=%s main..HEAD | grep -qx "Step $step"; then
        printf '%s\n' "$step" >"step-$step.txt"
        STORM_ROLE="command" git add . && pause && STORM_ROLE="command" git commit --quiet --message="Step $step" || exit 1
      fi
      tell committed "$step"
      pause
      plan=${plan/"[ ] Step $step"/"[x] Step $step"}
      save 01-01-0000-plan-storm.md "$plan"$'\n'
    fi
    [[ $plan == *'[ ]'* ]] && leave '{"status":"continue"}'
    leave '{"status":"continue","phase":"testing"}'
    ;;
  testing)
    STORM_ROLE="command" git diff --quiet HEAD || exit 1
    save 01-01-0000-test-report.md "Verdict: pass"
    ((STORM_STEPS > 1)) && leave '{"status":"continue","phase":"quality"}'
    leave '{"status":"continue","phase":"done"}'
    ;;
  quality)
    save 01-01-0000-quality-1.md $'# Quality\n\nVerdict: clean\n'
    leave '{"status":"continue","phase":"done"}'
    ;;
  done)
    save 01-01-0000-summary.md "# Summary"
    save 01-01-0000-pull-request.md "Weather a storm"
    leave '{"status":"done","summary":"The storm is over"}'
    ;;
esac
exit 1

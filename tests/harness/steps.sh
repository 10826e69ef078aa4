# A step runs a command into a log, prints one line with its time, and adds its counts to the total.

passed=0 failed=0 skipped=0

step() {
    local name=$1 log=$logs/$1.log began=$SECONDS status=0
    shift
    if [[ -n ${only:-} && " $only " != *" $name "* ]]; then return 0; fi
    printf '%-20s ' "$name"
    # A subshell of its own, so that set -e holds inside: bash ignores it on the left of || and &&.
    set +e
    (set -e; "$@") >"$log" 2>&1
    status=$?
    set -e
    count "$log" "$status"
    printf '%4ds  %s\n' $((SECONDS - began)) "$step_result"
    show_skipped "$log"
    if ((step_failed)); then show_failure "$name" "$log"; fi
}

# Reads cargo's "test result:" lines and the closing lines of node's test runner.
# What is ignored as "a child process's part" is no test: another test starts it. Nor is an example in a document.
# A step without counts is one test; a step that ends badly without a failed test counts as one failure.
count() {
    local log=$1 status=$2 counts step_passed step_skipped
    counts=$(awk '
        /^test result: / { p += $4; f += $6; s += $8; seen = 1 }
        /^ℹ pass / { p += $3; seen = 1 }
        /^ℹ (fail|cancelled) / { f += $3 }
        /^ℹ (skipped|todo) / { s += $3 }
        /^test .* (\.\.\. ignored, a child process|\(line [0-9]+\) \.\.\. ignored$)/ { s -= 1 }
        /^---- .* stdout ----$/ { shown = 1 }
        /^SKIPPED: / && shown { s += 1; p -= 1; shown = 0 }
        END { print seen ? p + 0 : -1, f + 0, s + 0 }' "$log")
    read -r step_passed step_failed step_skipped <<<"$counts"
    if ((step_passed < 0)); then step_passed=$((status == 0)); fi
    if ((status != 0 && step_failed == 0)); then step_failed=1; fi
    # The build server has everything: there, what skips is broken.
    if [[ ${CI:-} == true ]]; then step_failed=$((step_failed + step_skipped)) step_skipped=0; fi
    passed=$((passed + step_passed)) failed=$((failed + step_failed)) skipped=$((skipped + step_skipped))
    step_result="$step_passed passed"
    if ((step_failed)); then step_result+=", $step_failed FAILED"; fi
    if ((step_skipped)); then step_result+=", $step_skipped skipped"; fi
}

show_skipped() {
    grep -E '^SKIPPED: |^test .* \.\.\. ignored' "$1" | grep -vE "ignored, a child process's part|\(line [0-9]+\) ... ignored" | sort | uniq -c | sed 's/^ */      /' || true
}

show_failure() {
    local name=$1 log=$2
    {
        if grep -q '^✖ failing tests:' "$log"; then
            sed '1,/^✖ failing tests:/d' "$log" | head -n 60 || true
        elif grep -q '^test result: FAILED' "$log"; then
            grep -E '^test .* FAILED$' "$log"
            awk '/^failures:$/ { shown = 1 } shown; /^test result/ { shown = 0 }' "$log" | grep -vE '^ +([0-9]+: |at )' | head -n 80 || true
        else
            grep -nE '^(error(\[|:)|Diff in )' "$log" | head -n 40 || true
            echo "... the end of the log:"
            tail -n 25 "$log"
        fi
        echo "(all of it: $log)"
    } | sed 's/^/      /'
}

close() {
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0))
}

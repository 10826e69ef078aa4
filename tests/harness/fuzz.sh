# Fuzzing, part of ./test --long: every target of fuzz/, one after the other, each for a while.

cargo_fuzz_version=0.13.1

# What a target finds is kept between runs, below target/; what it starts from, fuzz/seeds, is in git.
fuzz_corpus=$target/fuzz-corpus
fuzz_seconds=${COUNTERSIGN_FUZZ_SECONDS:-120}

missing_fuzz() {
    cargo +nightly --version >/dev/null 2>&1 || echo "a nightly toolchain (rustup toolchain install nightly --profile minimal)"
    [[ -x $target/tools/bin/cargo-fuzz ]] || echo "cargo-fuzz (./test --install --long builds it into target/tools)"
}

install_fuzz() {
    cargo +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal
    [[ -x $target/tools/bin/cargo-fuzz ]] || cargo install --locked --root "$target/tools" "cargo-fuzz@$cargo_fuzz_version"
}

# Each target is a test: it fails by what it finds, which is left in fuzz/artifacts.
fuzz_all() {
    local name failed=0 passed=0
    # SQLite's one object is linked twice into the targets of the whole server, which is no fault of ours.
    export ASAN_OPTIONS=detect_odr_violation=0
    PATH=$target/tools/bin:$PATH
    cd fuzz
    cargo +nightly fuzz build --target-dir "$target/fuzz"
    for name in $(cargo +nightly fuzz list); do
        mkdir -p "$fuzz_corpus/$name" "seeds/$name"
        if cargo +nightly fuzz run --target-dir "$target/fuzz" "$name" "$fuzz_corpus/$name" "seeds/$name" -- \
            -dict="$(fuzz_dictionary "$name")" -max_total_time="$fuzz_seconds" -timeout=20 -rss_limit_mb=3072 -print_final_stats=1; then
            echo "test fuzz $name ... ok"
            ((passed += 1))
        else
            echo "test fuzz $name ... FAILED"
            ((failed += 1))
        fi
    done
    echo "test result: $([[ $failed == 0 ]] && echo ok || echo FAILED). $passed passed; $failed failed; 0 ignored"
    ((failed == 0))
}

fuzz_dictionary() {
    case $1 in
        jws* | jwt* | jwk | key_import | client_assertion | id_token) echo jose.dict ;;
        *) echo oauth.dict ;;
    esac
}

# What the tests need beside cargo: Debian's packages, and the outside clients from npm, PyPI and Cargo.

# program:package, for what apt can bring.
debian_programs=(
    cc:gcc
    python3:python3
    strace:strace
    setpriv:util-linux
    redis-server:redis-server
    nginx:nginx-light
    openssl:openssl
    caddy:caddy
    chromium:chromium
    node:nodejs
    npm:npm
    apache2:apache2
)
apache_modules=/usr/lib/apache2/modules
# The MCP conformance suite needs this; where Debian's own is older, a newer one comes as an npm package into target/.
node_major=22
node_npm_version=22.23.3
tarpaulin_version=0.37.5

require_everything() {
    local install=$1 coverage=$2 long=$3
    command -v cargo >/dev/null || { echo "cargo is missing: install Rust (https://rustup.rs), then run ./test again" >&2; return 1; }

    if $install; then
        install_debian
        install_npm
        install_python
        install_crates
        if $coverage; then install_tarpaulin; fi
        if $long; then install_fuzz; fi
    fi
    local missing=()
    mapfile -t missing < <(missing_packages; missing_npm; missing_python; missing_crates; missing_vectors; if $coverage; then missing_tarpaulin; fi; if $long; then missing_fuzz; fi)
    ((${#missing[@]})) || return 0
    echo "Missing:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    echo "./test --install brings them (apt-get as root or by sudo; packages of npm and PyPI go into target/)." >&2
    return 1
}

missing_packages() {
    local pair
    for pair in "${debian_programs[@]}"; do
        # Debian keeps nginx off the PATH of ordinary users.
        PATH=$PATH:/usr/sbin command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
    done
    postgres_bin >/dev/null || echo postgresql
    [[ -e $apache_modules/mod_auth_openidc.so ]] || echo libapache2-mod-auth-openidc
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    for component in rustfmt clippy; do
        cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || echo "$component (rustup component add $component)"
    done
}

# Debian keeps the server's programs off PATH, in a folder per version.
postgres_bin() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
    if [[ -x $found/initdb && -x $found/postgres ]]; then echo "$found"; return; fi
    found=$(command -v initdb) && command -v postgres >/dev/null && dirname "$found"
}

install_debian() {
    local packages=() package
    while read -r package; do
        if [[ $package == *rustup* ]]; then continue; fi
        packages+=("$package")
    done < <(missing_packages)
    ((${#packages[@]})) || return 0
    echo "installing ${packages[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    if ((EUID != 0)); then apt=(sudo "${apt[@]}"); fi
    # A source that can't be reached fails the update; whether that matters, the installation says.
    "${apt[@]}" update >"$logs/install-debian.log" 2>&1 || true
    "${apt[@]}" install -y --no-install-recommends "${packages[@]}" >>"$logs/install-debian.log" 2>&1 ||
        tail -n 20 "$logs/install-debian.log" >&2
}

missing_npm() {
    cmp -s tests/package.json "$npm_dir/installed.json" || echo "the npm packages of tests/package.json"
    node_program >/dev/null || echo "node $node_major or later"
}

# Into target/, exact versions, and no lock file: one would record the registry it was made with.
install_npm() {
    command -v npm >/dev/null || return 0
    if ! node_program >/dev/null; then
        npm_install "$node_dir" "node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@$node_npm_version"
    fi
    if [[ -n $(missing_npm) ]]; then
        mkdir -p "$npm_dir"
        cp tests/package.json "$npm_dir/package.json"
        npm_install "$npm_dir" && cp tests/package.json "$npm_dir/installed.json"
    fi
}

npm_install() {
    local folder=$1
    shift
    mkdir -p "$folder"
    echo "installing ${*:-the npm packages of tests/package.json}"
    npm install --prefix "$folder" --no-package-lock --no-audit --no-fund "$@" >"$logs/install-npm.log" 2>&1 ||
        { tail -n 20 "$logs/install-npm.log" >&2; return 1; }
}

missing_python() {
    cmp -s tests/requirements.txt "$python_dir/installed.txt" || echo "the PyPI packages of tests/requirements.txt"
}

# Into an environment of its own under target/.
install_python() {
    [[ -n $(missing_python) ]] || return 0
    echo "installing the PyPI packages of tests/requirements.txt"
    {
        python3 -m venv --clear "$python_dir" &&
            "$python_dir/bin/pip" install --quiet --disable-pip-version-check --requirement tests/requirements.txt
    } >"$logs/install-python.log" 2>&1 || { tail -n 20 "$logs/install-python.log" >&2; return 1; }
    cp tests/requirements.txt "$python_dir/installed.txt"
}

missing_crates() {
    fetch_crates --offline 2>/dev/null || echo "the crates of tests/openidconnect-rs/Cargo.lock"
}

install_crates() {
    [[ -z $(missing_crates) ]] || fetch_crates
}

fetch_crates() {
    cargo fetch --quiet --locked --manifest-path tests/openidconnect-rs/Cargo.toml --target "$(rustc -vV | sed -n 's/^host: //p')" "$@"
}

node_program() {
    local candidate
    for candidate in "$(command -v node || true)" "$node_dir"/node_modules/node-linux-*/bin/node; do
        if [[ -x $candidate ]] && (($("$candidate" -p 'process.versions.node.split(".")[0]') >= node_major)); then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

missing_vectors() {
    if [[ -n ${VECTORS_DIR:-} && ! -d $VECTORS_DIR ]]; then
        echo "the folder that VECTORS_DIR names, $VECTORS_DIR (unset it to skip the published vectors)"
    fi
}

missing_tarpaulin() {
    [[ -x $target/tools/bin/cargo-tarpaulin ]] || echo "cargo-tarpaulin (./test --install --coverage builds it into target/tools)"
}

install_tarpaulin() {
    [[ -z $(missing_tarpaulin) ]] || cargo install --locked --no-default-features --root "$target/tools" "cargo-tarpaulin@$tarpaulin_version"
}

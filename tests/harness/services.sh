# A real PostgreSQL and a real Redis for the storage suite, on free loopback ports, durable as in production.
# They are stopped by process id however the run ends.

service_pids=()
services_dir=""

start_services() {
    services_dir=$target/test-services
    rm -rf "$services_dir"
    mkdir -p "$services_dir"
    # PostgreSQL refuses to run as root, and a checkout under /root is closed to everyone else.
    if ((EUID == 0)); then
        if ! as_unprivileged test -x "$services_dir"; then services_dir=$(mktemp -d); fi
        chown nobody "$services_dir"
    fi
    start_postgres
    start_redis
}

start_postgres() {
    local bin port data=$services_dir/postgres log=$logs/postgres.log
    bin=$(postgres_bin)
    port=$(free_port)
    (cd "$services_dir" && as_unprivileged "$bin/initdb" -D "$data" -U countersign --auth=trust --encoding=UTF8 --locale=C) >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; return 1; }
    (cd "$services_dir" && exec_unprivileged "$bin/postgres" -D "$data" -p "$port" -k "$services_dir" \
        -c listen_addresses=127.0.0.1 -c max_connections=300) >>"$log" 2>&1 &
    service_pids+=($!)
    wait_until "PostgreSQL" "$log" as_unprivileged "$bin/psql" -qAt -h 127.0.0.1 -p "$port" -U countersign -d postgres -c "CREATE DATABASE countersign"
    export COUNTERSIGN_TEST_POSTGRES_URL=postgres://countersign@127.0.0.1:$port/countersign
}

# appendfsync always and noeviction: the only settings under which Redis keeps what it acknowledged.
start_redis() {
    local port log=$logs/redis.log
    port=$(free_port)
    (cd "$services_dir" && exec_unprivileged redis-server --bind 127.0.0.1 --port "$port" --dir "$services_dir" \
        --save "" --appendonly yes --appendfsync always --maxmemory-policy noeviction) >"$log" 2>&1 &
    service_pids+=($!)
    wait_until "Redis" "$log" eval "redis-cli -p $port ping | grep -q PONG"
    export COUNTERSIGN_TEST_REDIS_URL=redis://127.0.0.1:$port/
}

stop_services() {
    local pid
    for pid in "${service_pids[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
    for pid in "${service_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    service_pids=()
    if [[ -n $services_dir ]]; then rm -rf "$services_dir"; fi
}

# Runs a command as "nobody" where we are root, as ourselves where we aren't.
as_unprivileged() {
    (exec_unprivileged "$@")
}

# The same in place of the calling subshell, so that $! is the server's own process id.
exec_unprivileged() {
    if ((EUID == 0)); then exec setpriv --reuid nobody --regid nogroup --clear-groups -- "$@"; fi
    exec "$@"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_until() {
    local what=$1 log=$2 tries
    shift 2
    for ((tries = 0; tries < 150; tries++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    echo "$what did not come up within 30 seconds; the end of $log:" >&2
    tail -n 20 "$log" >&2
    return 1
}

//! The real server as a process, over real sockets: killed, traced, told to end, and sent nonsense.

#[allow(dead_code, reason = "the other integration binary needs the rest")]
#[path = "../server/command.rs"]
mod command;
mod connection;
mod dice;
mod disk;
mod kill;
mod load;
mod log_secrets;
mod logout_calls;
mod logout_load;
mod malformed;
mod mutations;
mod person;
mod server;
mod strace;
mod survivors;
mod syncs;
mod termination;
mod trace;

//! The fetcher against listeners on this machine: attack case 44, and every cause of
//! [`FetchError`].

mod addresses;
mod allow_list;
mod limits;
mod listener;
mod messages;
mod rebinding;
mod requests;
mod tls;

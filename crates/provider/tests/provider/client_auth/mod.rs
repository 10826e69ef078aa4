//! The methods of client authentication that need more than a secret. What is refused as an attack
//! is among the attacks.

mod certificates;
mod client_keys;
mod client_secret_jwt;
mod private_key_jwt;

//! The relying party against a provider inside the test: what is sent, what is believed, and each
//! thing that is not.

mod authorize;
mod callback;
mod client_credentials;
mod discovery;
mod id_token;
mod keys;
mod logout;
mod provider;
mod refresh;
mod secrets;
mod sign_in;
mod token_endpoint;
mod userinfo;

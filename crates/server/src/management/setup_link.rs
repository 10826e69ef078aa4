//! The link that makes the first administrator. Only its hash is stored; a new link takes the place of the one before.

use countersign_jose::random::{self, SystemRandom};
use countersign_oauth::issuer::Issuer;
use countersign_store::{Store, StoreError, Token, TokenKind};
use zeroize::Zeroizing;

/// A new link, or none where there is an administrator already. It lives `lifetime_seconds` from `now`.
pub async fn new_setup_link(
    store: &dyn Store,
    issuer: &Issuer,
    lifetime_seconds: u32,
    now: i64,
) -> Result<Option<Zeroizing<String>>, StoreError> {
    let token = Token::generate(TokenKind::SetupLink, random::bytes(), &SystemRandom);
    let expires_at = now + i64::from(lifetime_seconds);
    let stored = store.put_setup_link(&token.hash(), expires_at, now).await?;
    let address = issuer.endpoint("/setup");
    Ok(stored.then(|| Zeroizing::new(format!("{address}?token={}", token.expose()))))
}

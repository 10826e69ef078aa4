//! First setup: the link that makes the first administrator. Only its hash is stored, and a new link
//! replaces the one before.

use countersign_jose::random::Random;
use countersign_oauth::issuer::Issuer;
use countersign_store::{StoreError, Token, TokenKind};
use zeroize::Zeroizing;

use crate::Context;

/// A new link, or `None` where there is an administrator already. It is valid for `lifetime_seconds`
/// from `now` (Unix seconds).
///
/// # Errors
/// [`StoreError`].
pub async fn new_setup_link(
    context: &Context,
    issuer: &Issuer,
    lifetime_seconds: u32,
    now: i64,
) -> Result<Option<Zeroizing<String>>, StoreError> {
    let random: &dyn Random = &*context.random;
    let token = Token::generate(TokenKind::SetupLink, random.bytes(), random);
    let expires_at = now + i64::from(lifetime_seconds);
    let store = &context.store;
    let stored = store.put_setup_link(&token.hash(), expires_at, now).await?;
    let address = issuer.endpoint("/setup");
    Ok(stored.then(|| Zeroizing::new(format!("{address}?token={}", token.expose()))))
}

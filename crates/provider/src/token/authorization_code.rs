//! `grant_type=authorization_code` (RFC 6749, section 4.1.3, OpenID Connect Core, section 3.1.3).

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::pkce::CodeChallenge;
use countersign_store::grants::{Grant, NewRefreshFamily, Proof, Redeem, RedeemOutcome};
use countersign_store::refresh_tokens::MacKey;
use countersign_store::{GrantId, Token, TokenKind, refresh_tokens};

use super::fault::TokenFault;
use super::mint::{self, For, Granted};
use super::request::TokenRequest;
use super::response::TokenResponse;
use super::target::target;
use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::Failure;

pub(super) async fn redeem(
    provider: &Provider,
    client: &AuthenticatedClient,
    request: &TokenRequest,
) -> Result<TokenResponse, Failure> {
    let now = provider.now();
    let code = request.parameters.require("code")?;
    let code = Token::parse(TokenKind::AuthorizationCode, code).ok_or(TokenFault::CodeMalformed)?;
    let redirect_uri = request.parameters.require("redirect_uri")?;
    let code_challenge = code_challenge(request)?;

    let id = GrantId::from_bytes(code.id);
    let mac_key = MacKey::generate(&*provider.random);
    let refresh = refresh_tokens::generate(id, &mac_key, &*provider.random);
    let target = target(provider, client, request, &id).await?;
    let whose = For::Grant {
        id,
        scope: target.scope.as_deref(),
        resources: &target.resources,
        id_token: true,
    };
    let planned = mint::plan(provider, client, &whose, now).await?;
    let planned = planned.with_claims(request.claims.clone());
    let act = Redeem {
        grant: id,
        presented: code.hash(),
        client_id: client.client_id.clone(),
        proof: Proof::Code {
            redirect_uri: Some(redirect_uri.to_owned()),
            code_challenge,
        },
        refresh: NewRefreshFamily {
            mac_key,
            first: refresh.hash(),
            idle_expires_at: provider.settings.tokens.refresh_token_idle_expires_at(now),
            binding_key: None,
        },
        access_token: planned.row.clone(),
    };
    let grant = redeemed(provider.store.redeem(&act, now).await?, now)?;
    target.is_granted_by(provider, &grant)?;

    let granted = Granted {
        grant_type: GrantType::AuthorizationCode,
        grant: &grant,
        scope: target.scope.unwrap_or_else(|| grant.scope.clone()),
        refresh_token: grant.refresh.is_some().then_some(refresh),
        nonce: grant.authorization.nonce.as_deref(),
    };
    mint::tokens_of_grant(provider, client, &planned, granted).await
}

/// The challenge that the request proves; the act compares it with the code's (RFC 7636, section
/// 4.6).
fn code_challenge(request: &TokenRequest) -> Result<Option<String>, Failure> {
    let proven = CodeChallenge::proven_by(request.parameters.get("code_verifier"));
    let proven = proven.map_err(|fault| {
        Failure::from(TokenFault::CodeVerifierMalformed).detail(fault.to_string())
    })?;
    Ok(proven.map(CodeChallenge::into_string))
}

fn redeemed(outcome: RedeemOutcome, now: i64) -> Result<Grant, Failure> {
    Err(match outcome {
        RedeemOutcome::Redeemed(grant) => return Ok(*grant),
        RedeemOutcome::Unknown => TokenFault::CodeUnknown.into(),
        RedeemOutcome::ForeignClient => TokenFault::CodeOfAnotherClient.into(),
        RedeemOutcome::Invalidated {
            redirect_uri_matches: false,
        } => TokenFault::CodeInvalidatedByRedirectUri.into(),
        RedeemOutcome::Invalidated {
            redirect_uri_matches: true,
        } => TokenFault::CodeInvalidatedByVerifier.into(),
        RedeemOutcome::Expired { expired_at } => Failure::from(TokenFault::CodeExpired)
            .detail(format!("it expired {} seconds ago", now - expired_at)),
        RedeemOutcome::Replayed { used_at } => Failure::from(TokenFault::CodeReplayed)
            .detail(format!("it was redeemed {} seconds ago", now - used_at)),
        RedeemOutcome::UsedWithWrongProof => TokenFault::CodeUsed.into(),
        RedeemOutcome::Ended(what_ended) => {
            Failure::from(TokenFault::GrantEnded).detail(what_ended.to_string())
        }
    })
}

//! The end of an authorization: one act writes the grant, its code, the client session and the
//! consent.

use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope::OFFLINE_ACCESS;
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Authorization, CodeRequest, IssueCode, IssueOutcome, JoinSession, NewCode, NewGrant, Parents,
    SessionParents,
};
use countersign_store::sessions::BrowserSession;
use countersign_store::{ClientSessionId, Epoch, GrantId, Token, TokenKind};

use super::destination::ClientRequest;
use super::next::{Basis, Permitted};
use crate::Provider;
use crate::authorization_request::allowance;
use crate::authorization_request::fault::AuthorizeFault;
use crate::clients::Client;
use crate::error::Failure;

/// Issues the code of an authorization that was permitted.
///
/// # Errors
/// Returns [`AuthorizeFault::AlreadyDone`] if the code of this authorization has already been used,
/// [`AuthorizeFault::SessionCodesUsedUp`] if the session has been issued too many codes
/// within a minute, or a server fault if the store fails.
pub async fn issue(
    provider: &Provider,
    id: GrantId,
    permitted: &Permitted<'_>,
) -> Result<Token, Failure> {
    let now = provider.now();
    if permitted.session().proved_in != Some(id) {
        allowance::count(provider, permitted.session()).await?;
    }
    let code = Token::generate(
        TokenKind::AuthorizationCode,
        *id.as_bytes(),
        &*provider.random,
    );
    let client = permitted.client_request().target.client();
    let recorded = provider.clients.record(&provider.edge(), client).await?;
    let client = recorded.ok_or(AuthorizeFault::ClientUnknown)?;
    let act = act(provider, id, (permitted, &client), &code, now);
    match provider.store.issue_code(&act, now).await? {
        IssueOutcome::Issued { .. } | IssueOutcome::Replaced { .. } => {
            let (sub, scope) = (&act.grant.sub, &act.grant.scope);
            tracing::info!(act = "authorize", sub, grant = %id, scope, "a code was issued");
            Ok(code)
        }
        IssueOutcome::AlreadyUsed => Err(AuthorizeFault::AlreadyDone.into()),
    }
}

fn act(
    provider: &Provider,
    id: GrantId,
    (permitted, client): (&Permitted<'_>, &Client),
    code: &Token,
    now: i64,
) -> IssueCode {
    let ClientRequest { target, request } = permitted.client_request();
    let session = permitted.session();
    let scope = request.scope.to_string();
    let joins = JoinSession {
        browser_session: session.id,
        browser_session_epoch: session.epoch,
        proposed_sid: ClientSessionId::generate(&*provider.random),
        proposed_epoch: Epoch::generate(&*provider.random),
    };
    let new_consent_epoch = Epoch::generate(&*provider.random);
    let offline = request.scope.contains(OFFLINE_ACCESS);
    let refreshable = client.metadata.allows_grant(GrantType::RefreshToken);
    let code_expires_at = now + provider.settings.tokens.authorization_code_lifetime_seconds;
    let grant = NewGrant {
        id,
        client_id: client.client_id.clone(),
        sub: session.sub.clone(),
        scope: scope.clone(),
        parents: Parents {
            user: session.user_epoch,
            client: client.epoch,
            consent: match permitted.basis() {
                Basis::Remembered(consent) | Basis::Skipped(Some(consent)) => consent.epoch,
                Basis::GivenNow | Basis::Skipped(None) => new_consent_epoch,
            },
            session: (!offline).then_some(SessionParents {
                browser_session: session.id,
                browser_session_epoch: session.epoch,
                sid: joins.proposed_sid,
                client_session_epoch: joins.proposed_epoch,
            }),
        },
        authorization: Authorization {
            nonce: request.nonce.clone(),
            auth_time: session.auth_time,
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            sid: Some(joins.proposed_sid),
            resources: request.resources.clone(),
        },
        refreshable,
        created_at: now,
        expires_at: expires_at(
            provider,
            session,
            refreshable,
            offline,
            code_expires_at,
            now,
        ),
    };
    let consent = match permitted.basis() {
        Basis::Remembered(_) | Basis::Skipped(Some(_)) => ConsentStep::Rest,
        Basis::Skipped(None) => ConsentStep::Skip {
            proposed_epoch: new_consent_epoch,
        },
        Basis::GivenNow => ConsentStep::Record {
            scope,
            given_to: client.consent_binding().to_owned(),
            proposed_epoch: new_consent_epoch,
        },
    };
    IssueCode {
        grant,
        code: NewCode {
            hash: code.hash(),
            expires_at: code_expires_at,
            request: CodeRequest {
                redirect_uri: target.redirect_uri().to_owned(),
                code_challenge: request.code_challenge.clone(),
            },
        },
        // The longest time that a form which was created this second is valid for.
        form_until: now + provider.site.settings.interactions.lifetime_seconds,
        consent,
        joins,
    }
}

/// The absolute end of a grant. Without refresh tokens it is the end of its last access token; an
/// online grant never outlives its session.
fn expires_at(
    provider: &Provider,
    session: &BrowserSession,
    refreshable: bool,
    offline: bool,
    code_expires_at: i64,
    now: i64,
) -> i64 {
    let own = match refreshable {
        true => now + provider.settings.tokens.refresh_token_lifetime_seconds,
        false => code_expires_at + provider.settings.tokens.access_token_lifetime_seconds,
    };
    if offline {
        own
    } else {
        own.min(session.expires_at)
    }
}

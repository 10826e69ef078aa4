//! The end of an authorization: one act writes the grant, its code or its first tokens, the client
//! session and the consent.

use countersign_oauth::claims::RequestedClaims;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::scope::OFFLINE_ACCESS;
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Authorization, CodeRequest, GrantedClaims, IssueCode, IssueOutcome, JoinSession, NewCode,
    NewGrant, Parents, SessionParents,
};
use countersign_store::sessions::BrowserSession;
use countersign_store::{ClientSessionId, Epoch, GrantId, Token, TokenKind};

use super::destination::ClientRequest;
use super::front_channel;
use super::next::{Basis, Permitted};
use crate::authorization_request::allowance;
use crate::authorization_request::fault::AuthorizeFault;
use crate::clients::Client;
use crate::error::Failure;
use crate::token::mint::PlannedTokens;
use crate::{Provider, offered};

/// The issued code and tokens, for [`front_channel`] to return.
pub struct Issued {
    /// The grant's.
    pub id: GrantId,
    pub code: Option<Token>,
    /// The tokens that the response carries itself; they are made now that the act is done.
    pub in_response: Option<PlannedTokens>,
}

/// Issues what an authorization that was permitted leads to.
///
/// # Errors
/// Returns [`AuthorizeFault::AlreadyDone`] if the code of this authorization has already been used,
/// [`AuthorizeFault::SessionCodesUsedUp`] if the session has been issued too many codes
/// within a minute, or a server fault if the store fails or a key is missing.
pub async fn issue(
    provider: &Provider,
    id: GrantId,
    permitted: &Permitted<'_>,
) -> Result<Issued, Failure> {
    let now = provider.now();
    if permitted.session().proved_in != Some(id) {
        allowance::count(provider, permitted.session()).await?;
    }
    let ClientRequest { target, request } = permitted.client_request();
    let edge = provider.edge();
    let recorded = provider.clients.record(&edge, target.client()).await?;
    let client = &recorded.ok_or(AuthorizeFault::ClientUnknown)?;
    let in_response = front_channel::plan(provider, client, request, id, now).await?;
    let kind = TokenKind::AuthorizationCode;
    let new_code = || Token::generate(kind, *id.as_bytes(), &*provider.random);
    let code = request.response_type.includes_code().then(new_code);
    let mut act = act(provider, id, (permitted, client), code.as_ref(), now);
    if let Some(planned) = &in_response {
        let tokens = front_channel::in_response(provider, request, planned, now);
        // Without a code the grant is no more than these tokens.
        if code.is_none() {
            act.grant.expires_at = tokens.expire_at.min(permitted.session().expires_at);
        }
        act.in_response = Some(tokens);
    }
    match provider.store.issue_code(&act, now).await? {
        IssueOutcome::Issued { .. } | IssueOutcome::Replaced { .. } => {
            let (sub, scope) = (&act.grant.sub, &act.grant.scope);
            tracing::info!(act = "authorize", sub, grant = %id, scope, "an authorization was issued");
            Ok(Issued {
                id,
                code,
                in_response,
            })
        }
        IssueOutcome::AlreadyUsed => Err(AuthorizeFault::AlreadyDone.into()),
    }
}

fn act(
    provider: &Provider,
    id: GrantId,
    (permitted, client): (&Permitted<'_>, &Client),
    code: Option<&Token>,
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
    let (settings, metadata) = (&provider.settings, &client.metadata);
    let refreshable =
        code.is_some() && offered::may_use(settings, metadata, GrantType::RefreshToken);
    let code_expires_at = now + provider.settings.tokens.authorization_code_lifetime_seconds;
    let grant = NewGrant {
        id,
        client_id: client.client_id.clone(),
        sub: session.sub.clone(),
        scope,
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
            claims: claims(&request.claims),
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
            scope: request.shown_scope.to_string(),
            given_to: client.consent_binding().to_owned(),
            proposed_epoch: new_consent_epoch,
        },
    };
    IssueCode {
        grant,
        code: code.map(|code| NewCode {
            hash: code.hash(),
            expires_at: code_expires_at,
            request: CodeRequest {
                redirect_uri: target.redirect_uri().to_owned(),
                code_challenge: request.code_challenge.clone(),
                with_tokens: request.response_type.returns_token(),
            },
        }),
        in_response: None,
        // The longest time that a form which was created this second is valid for.
        form_until: now + provider.site.settings.interactions.lifetime_seconds,
        consent,
        joins,
    }
}

fn claims(requested: &RequestedClaims) -> Option<Box<GrantedClaims>> {
    let RequestedClaims {
        userinfo,
        id_token,
        locales,
    } = requested.clone();
    let claims = GrantedClaims {
        userinfo,
        id_token,
        locales,
    };
    (!requested.is_empty()).then(|| Box::new(claims))
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

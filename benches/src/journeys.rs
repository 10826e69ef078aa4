//! What users do: one request over and over, a refresh with the last response's token, or a whole
//! sign-in. The same for Countersign and for the model, so that their costs compare.

mod sign_in;

use countersign_jose::base64url;

use crate::Result;
use crate::load::{Connection, get, post_form};
use sign_in::Browser;

/// The model's client, and Countersign's for JWT access tokens: first-party (consent is skipped),
/// ES256 ID tokens, refresh tokens that rotate.
pub const CLIENT_ID: &str = "bench-web";
/// The same with opaque access tokens, which are what the model has.
pub const OPAQUE_CLIENT_ID: &str = "bench-opaque";
/// The same as that with a consent page in between.
pub const CONSENT_CLIENT_ID: &str = "bench-consent";
/// client_credentials with JWTs.
pub const SERVICE_ID: &str = "bench-service";
/// client_credentials with opaque tokens, each a durable row.
pub const OPAQUE_SERVICE_ID: &str = "bench-opaque-service";
/// Every client's secret.
pub const CLIENT_SECRET: &str = "bench-secret-of-forty-three-characters-0123";
pub const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
pub const PASSWORD: &str = "correct horse battery staple";
/// Accounts that exist; the user of a number has the account of that number.
pub const ACCOUNTS: usize = 256;

pub fn username(number: usize) -> String {
    format!("person{number}")
}

/// RFC 6749, section 2.3.1, for values that need no form encoding.
pub fn basic(client_id: &str, secret: &str) -> String {
    let mut text = base64url::encode(format!("{client_id}:{secret}"))
        .replace('-', "+")
        .replace('_', "/");
    while text.len() % 4 != 0 {
        text.push('=');
    }
    format!("Basic {text}")
}

/// What every user of a cell does.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// GET of a path.
    Get(&'static str),
    /// POST of a client_credentials request to a path.
    ClientCredentials(&'static str, &'static str),
    /// GET /userinfo with a token of that client, got beforehand.
    Userinfo(&'static str),
    /// POST /introspect about a token of that client by the client itself, got beforehand.
    Introspect(&'static str),
    /// GET of what verifies a token that the server itself gave out beforehand.
    Verified,
    /// Refresh, each time with the token of the last response; signed in beforehand.
    Refresh(Journey),
    /// From nothing to tokens, userinfo and one refresh, with cookies of its own each time.
    SignIn(Journey),
}

/// How a sign-in goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journey {
    /// Countersign, five requests: the page, the password, code, userinfo, refresh.
    FirstParty,
    /// The same with JWT access tokens.
    FirstPartyJwt,
    /// Countersign, six requests: with the consent page.
    Consent,
    /// The model, five requests: as [`Journey::FirstParty`].
    ModelShort,
    /// The model, six requests: the page, the password, authorize, code, userinfo, refresh.
    ModelLong,
}

impl Plan {
    /// User `number`, connected and with whatever the plan needs beforehand.
    ///
    /// # Errors
    /// If the server cannot be reached, or returns something unexpected.
    pub async fn prepare(self, port: u16, number: usize) -> Result<Work> {
        let connection = Connection::open(port).await?;
        match self {
            Plan::Get(path) => Ok(Work::Fixed(connection, get(port, path, ""))),
            Plan::ClientCredentials(path, client_id) => {
                let headers = authorization(client_id);
                let form = [("grant_type", "client_credentials")];
                let request = post_form(port, path, &headers, &form);
                Ok(Work::Fixed(connection, request))
            }
            Plan::Verified => {
                let mut connection = connection;
                let request = get(port, "/token", "");
                let token = connection
                    .send(&request)
                    .await?
                    .expect(200)?
                    .text()
                    .to_owned();
                let bearer = format!("authorization: Bearer {token}\r\n");
                Ok(Work::Fixed(connection, get(port, "/verified", &bearer)))
            }
            Plan::Introspect(client_id) => {
                let mut browser = Browser::new(connection, port, number, of_client(client_id));
                let tokens = browser.sign_in().await?;
                let form = [("token", tokens.access_token.as_str())];
                let request = post_form(port, "/introspect", &authorization(client_id), &form);
                Ok(Work::Introspect(browser.into_connection(), request))
            }
            Plan::Userinfo(client_id) => {
                let mut browser = Browser::new(connection, port, number, of_client(client_id));
                let tokens = browser.sign_in().await?;
                let bearer = format!("authorization: Bearer {}\r\n", tokens.access_token);
                let request = get(port, "/userinfo", &bearer);
                Ok(Work::Fixed(browser.into_connection(), request))
            }
            Plan::Refresh(journey) => {
                let mut browser = Browser::new(connection, port, number, journey);
                let tokens = browser.sign_in().await?;
                Ok(Work::Refresh {
                    connection: browser.into_connection(),
                    port,
                    client_id: journey.client_id(),
                    refresh_token: tokens.refresh_token,
                })
            }
            Plan::SignIn(journey) => Ok(Work::SignIn(Browser::new(
                connection, port, number, journey,
            ))),
        }
    }
}

/// A user at work.
pub enum Work {
    /// The same request over and over.
    Fixed(Connection, Vec<u8>),
    /// The same, whose response must say that the token is active.
    Introspect(Connection, Vec<u8>),
    Refresh {
        connection: Connection,
        port: u16,
        client_id: &'static str,
        refresh_token: String,
    },
    SignIn(Browser),
}

impl Work {
    /// One operation.
    ///
    /// # Errors
    /// If the connection is closed, or the server returns something unexpected.
    pub async fn once(&mut self) -> Result<()> {
        match self {
            Work::Fixed(connection, request) => {
                connection.send(request).await?.expect(200)?;
            }
            Work::Introspect(connection, request) => {
                let answer = connection.send(request).await?.expect(200)?;
                if !answer.text().contains("\"active\":true") {
                    return Err("the token is not active".into());
                }
            }
            Work::Refresh {
                connection,
                port,
                client_id,
                refresh_token,
            } => *refresh_token = refresh(connection, *port, client_id, refresh_token).await?,
            Work::SignIn(browser) => browser.whole_journey().await?,
        }
        Ok(())
    }
}

/// The journey to a token of a first-party client.
fn of_client(client_id: &str) -> Journey {
    match client_id {
        OPAQUE_CLIENT_ID => Journey::FirstParty,
        _ => Journey::FirstPartyJwt,
    }
}

impl Journey {
    fn client_id(self) -> &'static str {
        match self {
            Journey::Consent => CONSENT_CLIENT_ID,
            Journey::FirstParty => OPAQUE_CLIENT_ID,
            Journey::FirstPartyJwt | Journey::ModelShort | Journey::ModelLong => CLIENT_ID,
        }
    }
}

/// Returns the next refresh token.
async fn refresh(
    connection: &mut Connection,
    port: u16,
    client_id: &str,
    refresh_token: &str,
) -> Result<String> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let request = post_form(port, "/token", &authorization(client_id), &form);
    let answer = connection.send(&request).await?.expect(200)?;
    Ok(answer.json_text("refresh_token")?.to_owned())
}

fn authorization(client_id: &str) -> String {
    format!("authorization: {}\r\n", basic(client_id, CLIENT_SECRET))
}

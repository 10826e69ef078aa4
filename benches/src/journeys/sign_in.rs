//! A sign-in as a browser and a client do it, page by page.

use countersign_jose::{base64url, digest};

use super::{Journey, PASSWORD, REDIRECT_URI, authorization, refresh, username};
use crate::Result;
use crate::load::{Answer, Connection, get, post_form};

/// One browser, the client behind it, and their connection.
pub struct Browser {
    connection: Connection,
    port: u16,
    username: String,
    journey: Journey,
    /// The authorization request, form-encoded.
    query: String,
    cookies: Vec<(String, String)>,
}

pub struct Tokens {
    pub access_token: String,
    pub refresh_token: String,
}

/// RFC 7636, section 4.1: at least 43 characters.
const VERIFIER: &str = "a-verifier-of-the-benchmark-with-at-least-43-characters";

impl Browser {
    pub fn new(connection: Connection, port: u16, number: usize, journey: Journey) -> Browser {
        Browser {
            connection,
            port,
            username: username(number),
            journey,
            query: authorization_request(journey),
            cookies: Vec::new(),
        }
    }

    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// Everything, in as many requests as the journey says.
    ///
    /// # Errors
    /// If the connection is closed, or the server returns something unexpected.
    pub async fn whole_journey(&mut self) -> Result<()> {
        let tokens = self.sign_in().await?;
        let bearer = format!("authorization: Bearer {}\r\n", tokens.access_token);
        let userinfo = get(self.port, "/userinfo", &bearer);
        self.connection.send(&userinfo).await?.expect(200)?;
        let client_id = self.journey.client_id();
        refresh(
            &mut self.connection,
            self.port,
            client_id,
            &tokens.refresh_token,
        )
        .await?;
        Ok(())
    }

    /// From a browser without cookies to the token response.
    ///
    /// # Errors
    /// If the connection is closed, or the server returns something unexpected.
    pub async fn sign_in(&mut self) -> Result<Tokens> {
        self.cookies.clear();
        let code = match self.journey {
            Journey::FirstParty | Journey::FirstPartyJwt | Journey::Consent => {
                self.code_of_countersign().await?
            }
            Journey::ModelShort => self.code_of_model_at_once().await?,
            Journey::ModelLong => self.code_of_model().await?,
        };
        let client_id = self.journey.client_id();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let request = post_form(self.port, "/token", &authorization(client_id), &form);
        let answer = self.connection.send(&request).await?.expect(200)?;
        Ok(Tokens {
            access_token: answer.json_text("access_token")?.to_owned(),
            refresh_token: answer.json_text("refresh_token")?.to_owned(),
        })
    }

    async fn code_of_countersign(&mut self) -> Result<String> {
        let path = format!("/authorize?{}", self.query);
        let page = self.get(&path).await?.expect(200)?;
        let interaction = page.between(INTERACTION, "\"")?.to_owned();
        let (username, password) = (self.username.clone(), PASSWORD);
        let form = [
            ("interaction", interaction.as_str()),
            ("username", &username),
            ("password", password),
            ("decision", "sign_in"),
        ];
        if self.journey != Journey::Consent {
            return code_of(&self.post("/login", &form).await?.expect(303)?);
        }
        let page = self.post("/login", &form).await?.expect(200)?;
        let interaction = page.between(INTERACTION, "\"")?.to_owned();
        let form = [("interaction", interaction.as_str()), ("decision", "allow")];
        code_of(&self.post("/consent", &form).await?.expect(303)?)
    }

    async fn code_of_model_at_once(&mut self) -> Result<String> {
        let path = format!("/authorize?{}", self.query);
        self.get(&path).await?.expect(200)?;
        code_of(&self.post_to_model("1").await?)
    }

    async fn code_of_model(&mut self) -> Result<String> {
        let path = format!("/login?{}", self.query);
        self.get(&path).await?.expect(200)?;
        let answer = self.post_to_model("").await?;
        let next = location(&answer)?.to_owned();
        code_of(&self.get(&next).await?.expect(303)?)
    }

    async fn post_to_model(&mut self, direct: &str) -> Result<Answer<'_>> {
        let (username, query) = (self.username.clone(), self.query.clone());
        let form = [
            ("username", username.as_str()),
            ("password", PASSWORD),
            ("query", &query),
            ("direct", direct),
        ];
        self.post("/login", &form).await?.expect(303)
    }

    async fn get(&mut self, path: &str) -> Result<Answer<'_>> {
        let request = get(self.port, path, &self.cookie_header());
        self.send(request).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer<'_>> {
        let request = post_form(self.port, path, &self.cookie_header(), form);
        self.send(request).await
    }

    async fn send(&mut self, request: Vec<u8>) -> Result<Answer<'_>> {
        let answer = self.connection.send(&request).await?;
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(answer)
    }

    fn cookie_header(&self) -> String {
        if self.cookies.is_empty() {
            return String::new();
        }
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("cookie: {}\r\n", pairs.join("; "))
    }
}

const INTERACTION: &str = "name=\"interaction\" value=\"";

fn authorization_request(journey: Journey) -> String {
    let challenge = base64url::encode(digest::sha256(VERIFIER.as_bytes()));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", journey.client_id()),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid profile email"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    if journey == Journey::Consent {
        // Else the page would be skipped from each account's second sign-in on.
        query.append_pair("prompt", "consent");
    }
    query.finish()
}

fn location<'a>(answer: &Answer<'a>) -> Result<&'a str> {
    Ok(answer.headers("location").next().ok_or("no location")?)
}

fn code_of(answer: &Answer<'_>) -> Result<String> {
    let location = location(answer)?;
    let (_, query) = location.split_once('?').ok_or("no query")?;
    let code = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code");
    match code {
        Some((_, code)) => Ok(code.into_owned()),
        None => Err(format!("no code in {location}").into()),
    }
}

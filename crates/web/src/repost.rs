//! A POST from another site comes without our `SameSite=Lax` cookies, so a signed-in user would
//! seem to be signed out. It is sent again from our own side: as a GET if it is short enough,
//! otherwise by a page.

use axum::response::Response;
use countersign_oauth::parameters::Parameters;
use http::{HeaderName, Method};

use crate::Site;
use crate::exchange::Exchange;
use crate::pages::RepostView;
use crate::respond;

impl Site {
    /// The response that sends the request round again; `None` if it can be handled as it is.
    pub fn repost(
        &self,
        endpoint: &str,
        parameters: &Parameters,
        exchange: &Exchange,
    ) -> Option<Response> {
        let has_cookies = exchange.has_browser_cookie(&self.cookies)
            || exchange.cookies(&self.cookies.session).next().is_some();
        // A browser tells where a form was sent from; a mark that another site has set does not
        // count.
        let is_second_round = parameters.get(REPOSTED).is_some()
            && exchange.header(SEC_FETCH_SITE) != Some("cross-site");
        if exchange.method != Method::POST || has_cookies || is_second_round {
            return None;
        }
        let action = self.page_path(endpoint);
        let query = parameters.to_form();
        if query.len() <= MAX_QUERY_BYTES {
            return Some(respond::redirect(&format!("{action}?{}", query.as_str())));
        }
        let sent = parameters.iter().filter(|(name, _)| *name != REPOSTED);
        let mut again: Vec<(&str, &str)> = sent.collect();
        again.push((REPOSTED, "1"));
        let view = RepostView {
            action: &action,
            parameters: &again,
        };
        Some(self.page(&view, exchange))
    }
}

/// Marks the second round of a POST. Unknown to the specifications, so ignored by everything else.
const REPOSTED: &str = "countersign_reposted";

/// W3C Fetch Metadata.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A query of this length is within what servers and proxies accept in an address.
const MAX_QUERY_BYTES: usize = 4096;

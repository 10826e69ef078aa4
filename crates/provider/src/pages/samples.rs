//! Every page of the provider, full and sparse, with harmless data.

use countersign_web::pages::{ErrorView, PagesError, Visit};
use url::Url;

use super::error_kind;
use super::{
    AccountView, ClientView, ConsentView, DestinationView, LoggedOutView, LoginAlert, LoginView,
    LogoutProblem, LogoutView, ScopeView, SelectAccountView, SetupDoneView, SetupProblem,
    SetupView, YourAccountView,
};

pub(super) fn each(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    sign_in(visit)?;
    sign_out(visit)?;
    setup(visit)?;
    for kind in error_kind::ALL {
        visit(&ErrorView::new(*kind, "request"))?;
    }
    let own = YourAccountView {
        account: ACCOUNT,
        sign_out_action: ACTION,
        interaction: SEALED,
        ..YourAccountView::default()
    };
    visit(&own)?;
    visit(&YourAccountView {
        email: Some(ACCOUNT.username),
        ..own
    })
}

fn sign_in(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let login = LoginView {
        action: ACTION,
        interaction: SEALED,
        ..LoginView::default()
    };
    visit(&login)?;
    let full = LoginView {
        client: Some(CLIENT),
        username: ACCOUNT.username,
        ..login
    };
    for alert in [
        LoginAlert::Rejected,
        LoginAlert::Expired,
        LoginAlert::throttled(1),
        LoginAlert::throttled(600),
    ] {
        visit(&LoginView {
            alert: Some(alert),
            ..full
        })?;
    }
    visit(&LoginView {
        confirming: Some(ACCOUNT),
        ..full
    })?;

    let select = SelectAccountView {
        action: ACTION,
        interaction: SEALED,
        account: ACCOUNT,
        ..SelectAccountView::default()
    };
    visit(&select)?;
    visit(&SelectAccountView {
        client: Some(CLIENT),
        ..select
    })?;

    let consent = ConsentView {
        action: ACTION,
        interaction: SEALED,
        client: ClientView {
            name: "Example",
            ..ClientView::default()
        },
        account: ACCOUNT,
        ..ConsentView::default()
    };
    visit(&consent)?;
    let scopes = [
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
        "api:read",
    ]
    .map(|name| ScopeView::new(name, None, None));
    let destination = DestinationView::of(HOME);
    visit(&ConsentView {
        scopes: &[ScopeView::new("openid", None, None)],
        ..consent
    })?;
    visit(&ConsentView {
        client: CLIENT,
        destination: destination.as_ref(),
        scopes: &scopes,
        ..consent
    })?;
    let scopes = [
        ScopeView::new("api:read", Some("Read"), Some("Reads.")),
        ScopeView::new("api:write", None, Some("Writes.")),
    ];
    let destination = DestinationView::of("com.example.app:/callback");
    visit(&ConsentView {
        scopes: &scopes,
        destination: destination.as_ref(),
        asked_always: true,
        ..consent
    })
}

fn sign_out(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let logout = LogoutView {
        action: ACTION,
        interaction: SEALED,
        ..LogoutView::default()
    };
    visit(&logout)?;
    visit(&LogoutView {
        client: Some(CLIENT),
        account: Some(ACCOUNT),
        ..logout
    })?;
    for problem in LogoutProblem::ALL {
        visit(&LogoutView {
            problem: Some(problem),
            ..logout
        })?;
        visit(&LoggedOutView {
            problem: Some(problem),
            ..LoggedOutView::default()
        })?;
    }
    visit(&LoggedOutView::default())?;
    visit(&LoggedOutView {
        stayed: true,
        ..LoggedOutView::default()
    })?;
    let back = LoggedOutView {
        continue_url: Some(HOME),
        ..LoggedOutView::default()
    };
    visit(&back)?;
    visit(&LoggedOutView {
        client: Some(CLIENT),
        ..back
    })?;
    let frames: Vec<Url> = Url::parse(HOME).into_iter().collect();
    visit(&LoggedOutView {
        frames: &frames,
        ..LoggedOutView::default()
    })?;
    visit(&LoggedOutView {
        client: Some(CLIENT),
        frames: &frames,
        returns: true,
        ..back
    })
}

fn setup(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let setup = SetupView {
        action: ACTION,
        token: SEALED,
        minimum_password_length: 12,
        ..SetupView::default()
    };
    visit(&setup)?;
    visit(&SetupView {
        problems: SetupProblem::ALL,
        ..setup
    })?;
    visit(&SetupDoneView {
        account_url: ACTION,
        name: ACCOUNT.name,
        continue_url: None,
    })?;
    visit(&SetupDoneView {
        account_url: ACTION,
        name: ACCOUNT.name,
        continue_url: Some(HOME),
    })
}

const ACTION: &str = "/action";
const SEALED: &str = "sealed";
const HOME: &str = "https://example.com/";
const ACCOUNT: AccountView<'static> = AccountView {
    name: "Alice",
    username: "alice",
};
const CLIENT: ClientView<'static> = ClientView {
    name: "Example",
    logo: Some("/logo"),
    client_uri: Some(HOME),
    policy_uri: Some(HOME),
    tos_uri: Some(HOME),
    unverified: true,
};

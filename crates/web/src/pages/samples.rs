//! Every page, full and sparse, with harmless data: rendered when the pages are made, so that an override with a
//! misspelt name fails then and not in front of somebody.

use super::view::View;
use super::{
    AccountView, CauseView, ClientView, ConsentView, ErrorKind, ErrorView, Explanation,
    FormPostView, HomeView, LoggedOutView, LoginAlert, LoginView, LogoutProblem, LogoutView,
    RepostView, ScopeView, SelectAccountView, SetupDoneView, SetupProblem, SetupView,
};

/// Shows every sample to `visit`, up to its first error.
pub(super) fn each<E>(mut visit: impl FnMut(&dyn View) -> Result<(), E>) -> Result<(), E> {
    sign_in(&mut visit)?;
    sign_out(&mut visit)?;
    setup(&mut visit)?;
    errors(&mut visit)?;
    visit(&FormPostView {
        redirect_uri: CALLBACK,
        parameters: &[("code", "a"), ("state", "b")],
        client: CLIENT,
    })?;
    visit(&RepostView {
        action: ACTION,
        parameters: &[("scope", "openid")],
        redirect_uri: None,
        client: None,
    })?;
    let home = HomeView {
        issuer: HOME,
        discovery_url: HOME,
        ..HomeView::default()
    };
    visit(&home)?;
    visit(&HomeView {
        account: Some(ACCOUNT),
        logout_url: Some(ACTION),
        ..home
    })
}

fn sign_in<E>(visit: &mut impl FnMut(&dyn View) -> Result<(), E>) -> Result<(), E> {
    let login = LoginView {
        action: ACTION,
        interaction: SEALED,
        ..LoginView::default()
    };
    visit(&login)?;
    let full = LoginView {
        client: CLIENT,
        redirect_uri: CALLBACK,
        username: ACCOUNT.username,
        ..login
    };
    for alert in [
        LoginAlert::Rejected,
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
        client: CLIENT,
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
    visit(&ConsentView {
        client: CLIENT,
        scopes: &scopes,
        ..consent
    })?;
    let scopes = [
        ScopeView::new("api:read", Some("Read"), Some("Reads.")),
        ScopeView::new("api:write", None, Some("Writes.")),
    ];
    visit(&ConsentView {
        scopes: &scopes,
        asked_always: true,
        ..consent
    })
}

fn sign_out<E>(visit: &mut impl FnMut(&dyn View) -> Result<(), E>) -> Result<(), E> {
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
    })
}

fn setup<E>(visit: &mut impl FnMut(&dyn View) -> Result<(), E>) -> Result<(), E> {
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
        name: ACCOUNT.name,
        continue_url: None,
    })?;
    visit(&SetupDoneView {
        name: ACCOUNT.name,
        continue_url: Some(HOME),
    })
}

fn errors<E>(visit: &mut impl FnMut(&dyn View) -> Result<(), E>) -> Result<(), E> {
    let sparse = Explanation {
        cause: "cause",
        rule: "A rule.",
        ..Explanation::default()
    };
    let full = Explanation {
        received: Some("this"),
        expected: Some("that"),
        fix: Some("Do so."),
        docs_url: Some(HOME),
        ..sparse
    };
    visit(&CauseView {
        code: "invalid_request",
        explain: full,
    })?;
    for kind in ErrorKind::ALL
        .iter()
        .copied()
        .chain([ErrorKind::too_many_requests(600)])
    {
        let error = ErrorView::new(kind, "request");
        visit(&error)?;
        visit(&ErrorView {
            explain: Some(sparse),
            return_url: Some(HOME),
            ..error
        })?;
        visit(&ErrorView {
            explain: Some(full),
            ..error
        })?;
    }
    Ok(())
}

const ACTION: &str = "/action";
const SEALED: &str = "sealed";
const HOME: &str = "https://example.com/";
const CALLBACK: &str = "https://client.example/callback";
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

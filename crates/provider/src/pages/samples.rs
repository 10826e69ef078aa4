//! Every page of the provider, full and sparse, with harmless data.

use countersign_web::pages::{ErrorView, PagesError, Visit};
use url::Url;

use super::error_kind;
use super::{
    AccountView, ApplicationView, ClientView, ConsentView, DestinationView, DeviceAnsweredView,
    DeviceApprovalView, DeviceCodeAlert, DeviceCodeView, LoggedOutView, LoginAlert, LoginPurpose,
    LoginView, LogoutProblem, LogoutView, RequestedFromView, ScopeView, SelectAccountView,
    SetupDoneView, SetupProblem, SetupView, TokenProblem, TokenView, TokensView, YourAccountView,
};

pub(super) fn each(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    sign_in(visit)?;
    device(visit)?;
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
    let applications = [
        ApplicationView::new("Example", Some("/initiate_login?client_id=example")),
        ApplicationView::new("Other", Some(HOME)),
        ApplicationView::new("Third", None),
    ];
    visit(&YourAccountView {
        email: Some(ACCOUNT.username),
        applications: &applications,
        tokens_url: Some(ACTION),
        ..own
    })?;
    tokens(visit)
}

fn tokens(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let none = TokensView {
        action: ACTION,
        account_url: ACTION,
        interaction: SEALED,
        account: ACCOUNT,
        ..TokensView::default()
    };
    visit(&none)?;
    let scopes = ["openid", "profile", "email", "address", "phone", "api:read"];
    let scopes = scopes.map(|name| ScopeView::new(name, None, None));
    let token = TokenView {
        id: "id".to_owned(),
        name: "Backup".to_owned(),
        scope: "openid api:read".to_owned(),
        created: "2026-11-27".to_owned(),
        expires: "2027-11-27".to_owned(),
    };
    let full = TokensView {
        tokens: &[token],
        scopes: &scopes,
        days: &[7, 365],
        ..none
    };
    visit(&TokensView {
        created: Some("cs_pt_example"),
        ..full
    })?;
    for problem in TokenProblem::ALL {
        visit(&TokensView {
            problem: Some(problem),
            name: "Backup",
            chosen: &["openid"],
            ..full
        })?;
    }
    Ok(())
}

fn sign_in(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let login = LoginView {
        action: ACTION,
        interaction: SEALED,
        ..LoginView::default()
    };
    visit(&login)?;
    visit(&LoginView {
        purpose: LoginPurpose::Device,
        ..login
    })?;
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

fn device(visit: &mut Visit<'_>) -> Result<(), PagesError> {
    let code = DeviceCodeView {
        action: ACTION,
        interaction: SEALED,
        ..DeviceCodeView::default()
    };
    visit(&code)?;
    for alert in [
        DeviceCodeAlert::Rejected,
        DeviceCodeAlert::NotTheLinks,
        DeviceCodeAlert::Expired,
        DeviceCodeAlert::throttled(1),
        DeviceCodeAlert::throttled(600),
    ] {
        visit(&DeviceCodeView {
            linked: true,
            user_code: "WDJB-MJHT",
            alert: Some(alert),
            ..code
        })?;
    }
    let approval = DeviceApprovalView {
        action: ACTION,
        interaction: SEALED,
        account: ACCOUNT,
        ..DeviceApprovalView::default()
    };
    visit(&approval)?;
    visit(&DeviceApprovalView {
        scopes: &[ScopeView::new("openid", None, None)],
        ..approval
    })?;
    let scopes = ["openid", "profile", "api:read"].map(|name| ScopeView::new(name, None, None));
    visit(&DeviceApprovalView {
        client: CLIENT,
        scopes: &scopes,
        requested_from: RequestedFromView {
            address: Some("203.0.113.7"),
            user_agent: Some("Television/1.0"),
            minutes_ago: 3,
        },
        address_here: Some("198.51.100.1"),
        stays: true,
        ..approval
    })?;
    for allowed in [false, true] {
        visit(&DeviceAnsweredView {
            client: CLIENT,
            allowed,
        })?;
    }
    Ok(())
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

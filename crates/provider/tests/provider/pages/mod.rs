//! The pages as a browser receives them.

mod guards;
mod markup;
mod overrides;

use countersign_provider::pages::{ConsentView, LoginView, LogoutView, PAGES, ScopeView};
use countersign_web::pages::{AccountView, ClientView, Language, Pages, View};

fn pages() -> Pages {
    Pages::new(&[PAGES], None).expect("the embedded pages compile")
}

fn html(view: &dyn View) -> String {
    pages()
        .render(view, Language::English)
        .expect("renders")
        .html
}

fn client(name: &str) -> ClientView<'_> {
    ClientView {
        name,
        ..ClientView::default()
    }
}

fn alice() -> AccountView<'static> {
    AccountView {
        name: "Alice",
        username: "alice@example.com",
    }
}

fn login() -> LoginView<'static> {
    LoginView {
        action: "/login",
        interaction: "sealed",
        client: Some(client("Demo")),
        ..LoginView::default()
    }
}

fn consent<'a>(scopes: &'a [ScopeView<'a>]) -> ConsentView<'a> {
    ConsentView {
        action: "/consent",
        interaction: "sealed",
        client: client("Demo"),
        destination: None,
        account: alice(),
        scopes,
        document_host: None,
        asked_always: false,
    }
}

fn logout() -> LogoutView<'static> {
    LogoutView {
        action: "/logout",
        interaction: "sealed",
        ..LogoutView::default()
    }
}

//! How accounts are shown.

use countersign_store::users::User;
use serde_json::{Value, json};

use crate::cli::output;

pub fn as_json(user: &User) -> Value {
    json!({
        "sub": user.sub,
        "username": user.username,
        "email": user.email,
        "administrator": user.administrator,
        "status": user.status.as_str(),
        "claims": user.claims,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

pub fn list(users: &[User]) -> String {
    let head = ["USERNAME", "EMAIL", "STATUS", "SUB"].map(str::to_owned);
    let row = |user: &User| {
        let status = if user.administrator {
            "administrator, "
        } else {
            ""
        }
        .to_owned()
            + user.status.as_str();
        [
            user.username.clone(),
            user.email.clone().unwrap_or_default(),
            status,
            user.sub.clone(),
        ]
    };
    output::columns(
        &std::iter::once(head)
            .chain(users.iter().map(row))
            .collect::<Vec<_>>(),
    )
}

pub fn details(user: &User) -> String {
    let claims = serde_json::to_string_pretty(&user.claims).unwrap_or_default();
    let rows = [
        ["username".to_owned(), user.username.clone()],
        ["email".to_owned(), user.email.clone().unwrap_or_default()],
        ["sub".to_owned(), user.sub.clone()],
        ["status".to_owned(), user.status.as_str().to_owned()],
        ["administrator".to_owned(), user.administrator.to_string()],
        ["created".to_owned(), output::instant(user.created_at)],
        ["changed".to_owned(), output::instant(user.updated_at)],
    ];
    format!("{}claims\n{claims}\n", output::columns(&rows))
}

//! The speed that is aimed for: for each ratio, a bar that must be met and a goal beyond it.

use serde::Serialize;

/// A number with its bar.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    pub what: String,
    pub measured: f64,
    pub bar: f64,
    pub goal: f64,
    /// Whether less is better.
    pub at_most: bool,
    pub unit: &'static str,
}

impl Bar {
    pub fn at_least(what: impl Into<String>, measured: f64, (bar, goal): (f64, f64)) -> Bar {
        Bar {
            what: what.into(),
            measured,
            bar,
            goal,
            at_most: false,
            unit: "",
        }
    }

    pub fn at_most(
        what: impl Into<String>,
        measured: f64,
        (bar, goal): (f64, f64),
        unit: &'static str,
    ) -> Bar {
        Bar {
            what: what.into(),
            measured,
            bar,
            goal,
            at_most: true,
            unit,
        }
    }

    pub fn verdict(&self) -> &'static str {
        let reaches = |limit: f64| match self.at_most {
            true => self.measured <= limit,
            false => self.measured >= limit,
        };
        match (reaches(self.goal), reaches(self.bar)) {
            (true, _) => "met, goal too",
            (false, true) => "met",
            (false, false) => "not met",
        }
    }
}

/// Bar and goal of each ratio to a ceiling, at 16 users.
pub mod ratio {
    pub const SIGNED_ELLIPTIC: (f64, f64) = (0.65, 0.85);
    pub const SIGNED_RSA: (f64, f64) = (0.88, 0.97);
    pub const OPAQUE_DURABLE: (f64, f64) = (0.50, 0.80);
    pub const DOCUMENTS: (f64, f64) = (0.75, 0.95);
    /// Userinfo and introspection of an opaque token.
    pub const OPAQUE_READ: (f64, f64) = (0.35, 0.50);
    /// The same of a JWT.
    pub const JWT_READ: (f64, f64) = (0.30, 0.45);
    /// The same, over a ceiling that verifies a JWT as well.
    pub const JWT_READ_VERIFIED: (f64, f64) = (0.60, 0.80);
    pub const REFRESH: (f64, f64) = (0.50, 0.75);
    pub const REFRESH_SCALING: (f64, f64) = (3.0, 5.0);
    pub const SIGN_IN: (f64, f64) = (0.35, 0.55);
    pub const SIGN_IN_HASHED: (f64, f64) = (0.90, 0.95);
    pub const HASHING: (f64, f64) = (0.70, 0.90);
}

/// Bar and goal of what must not grow.
pub mod limit {
    pub const SPREAD: (f64, f64) = (2.0, 1.5);
    pub const SPREAD_DURABLE: (f64, f64) = (6.0, 3.0);
    pub const IDLE_MIB: (f64, f64) = (24.0, 16.0);
    pub const BINARY_MB: (f64, f64) = (28.0, 20.0);
    pub const FIRST_200_MILLISECONDS: (f64, f64) = (30.0, 12.0);

    /// A burst of sign-ins may take the memory of one hash per core and little more.
    pub fn burst_mib(cores: usize) -> (f64, f64) {
        let hashes = 19.0 * cores as f64;
        (hashes + 8.0, hashes + 2.0)
    }
}
